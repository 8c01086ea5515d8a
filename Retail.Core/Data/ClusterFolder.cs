using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Retail.Core.Data;

/// <summary>The cluster's files: where they are, which version made them, which server runs on them.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ClusterFolder
{
    private const string SharedFolder = "/var/lib/retail";

    // Ours to propose, the shopkeeper's to tune: they stand at the end of the cluster's own postgresql.conf.
    private const string Settings = """

        # Retail: a shop that shares its machine with its database.
        # A rush writes a gigabyte in half a minute, and each checkpoint makes it write every page whole once more.
        max_wal_size = 2GB
        max_connections = 100
        random_page_cost = 1.1
        jit = off
        # A week of logs, one file a weekday, without the values of rows.
        logging_collector = on
        log_directory = log
        log_filename = 'postgres-%a.log'
        log_rotation_age = 1d
        log_truncate_on_rotation = on
        log_error_verbosity = terse
        log_checkpoints = off
        """;

    // In a rush after a checkpoint each page is written whole once: LZ4 packs it in a fraction of the time that PostgreSQL's own method takes.
    private const string CompressedWal = "wal_compression=lz4";

    // An eighth of the memory of this machine, or of this container, within bounds: the store itself wants some, and the system caches files too.
    private static string SharedBuffers => $"shared_buffers={Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8 >> 20, 128, 1024)}MB";

    private readonly string _link;

    private ClusterFolder(string link, string path) => (_link, Path) = (link, path);

    /// <summary>The cluster's real folder (PGDATA).</summary>
    public string Path { get; }

    /// <summary>The cluster of a data folder; null when none was made yet.</summary>
    public static ClusterFolder? Find(string dataFolder)
    {
        var link = System.IO.Path.Combine(dataFolder, "postgres");
        try
        {
            var target = LinkTarget(link);
            if (target is { Exists: false })
                throw new StartupException($"The store's database {target.FullName}, to which {link} leads, is gone: bring it back, or delete the link to begin with an empty store.");
            return Directory.Exists(link) ? new(link, RealPath(link)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Closed(link, e);
        }
    }

    /// <summary>Makes a new cluster beside its final place and moves it there when it is whole: a start that is killed leaves no half of one.</summary>
    public static async Task<ClusterFolder> CreateAsync(string dataFolder, PostgresBinaries binaries, ServerAccount account, bool durable, ILogger log, CancellationToken ct)
    {
        var link = System.IO.Path.Combine(dataFolder, "postgres");
        var (path, unfinished) = (link, link + ".new");
        if (!await account.CanEnterAsync(dataFolder, ct))
        {
            path = System.IO.Path.Combine(SharedFolder, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)));
            // The same name in each try, so that what a killed start left is found below.
            unfinished = System.IO.Path.Combine(SharedFolder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)))[..12] + ".new");
            MakeSharedFolder();
            log.ClusterPlacedElsewhere(account.Name, dataFolder, path);
        }
        if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        await account.MakeFolderAsync(unfinished, ct);
        await InitialiseAsync(unfinished, binaries, account, durable, ct);
        // A server that was built without LZ4 would not start with it.
        var knowsLz4 = (await account.RunAsAsync(binaries.Program("postgres"), ["-C", "wal_compression", "-c", CompressedWal], unfinished, ct)).Ok;
        await File.AppendAllTextAsync(System.IO.Path.Combine(unfinished, "postgresql.conf"), $"{Settings}\n{SharedBuffers}\n{(knowsLz4 ? CompressedWal + "\n" : "")}", ct);
        Directory.Move(unfinished, path);
        if (path != link) File.CreateSymbolicLink(link, path);
        log.ClusterCreated(binaries.Version, path);
        return new(link, RealPath(path));
    }

    /// <summary>The major version that made the cluster.</summary>
    public int Version
    {
        get
        {
            try
            {
                var text = File.ReadAllText(System.IO.Path.Combine(Path, "PG_VERSION"));
                return int.TryParse(text.Split('.')[0], CultureInfo.InvariantCulture, out var version) ? version : throw new InvalidDataException(text);
            }
            catch (UnauthorizedAccessException e)
            {
                throw Closed(_link, e);
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                throw new StartupException($"The folder {_link} holds no PostgreSQL database: move it away, or set RETAIL_DATA to another folder.", e);
            }
        }
    }

    /// <summary>The server that runs on the cluster now, whoever started it; null when there is none.</summary>
    public async Task<Postmaster?> FindServerAsync(PostgresBinaries binaries, ServerAccount account, CancellationToken ct)
    {
        if (ReadPidFile() is not { } server) return null;
        // After a reboot the pid may belong to any other process, so it must also sit in this folder.
        var runs = Directory.Exists("/proc/self")
            ? await account.RunAsAsync("readlink", [$"/proc/{server.Pid}/cwd"], null, ct) is { Ok: true } cwd && cwd.Output == Path
            : (await account.RunAsAsync(binaries.Program("pg_ctl"), ["status"], Path, ct)).Ok;
        return runs ? server : null;
    }

    /// <summary>Clears what a server left behind that is no more: its socket folder, and a pid file that names a stranger.</summary>
    public void ForgetServer()
    {
        if (ReadPidFile() is not { } gone) return;
        if (gone.SocketFolder.StartsWith(PostgresCluster.SocketPrefix, StringComparison.Ordinal) && Directory.Exists(gone.SocketFolder))
            Directory.Delete(gone.SocketFolder, recursive: true);
        // PostgreSQL itself judges the pid of a dead process; one that lives under another name would make it refuse.
        if (Directory.Exists($"/proc/{gone.Pid}")) File.Delete(PidFile);
    }

    /// <summary>The last thing the server complained about.</summary>
    public string LastComplaint()
    {
        var logs = new DirectoryInfo(System.IO.Path.Combine(Path, "log"));
        var newest = logs.Exists ? logs.GetFiles().MaxBy(f => f.LastWriteTimeUtc)?.FullName : null;
        return Complaint(StartLog) ?? Complaint(newest) ?? $"see {StartLog}";

        static string? Complaint(string? file) => File.Exists(file)
            && File.ReadLines(file).LastOrDefault(l => l.Contains("FATAL:", StringComparison.Ordinal) || l.Contains("PANIC:", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(":  ", StringComparison.Ordinal) + 1)..].Trim().TrimEnd('.') : null;
    }

    /// <summary>What the server says before it opens its own log.</summary>
    public string StartLog => System.IO.Path.Combine(Path, "start.log");

    private string PidFile => System.IO.Path.Combine(Path, "postmaster.pid");

    private Postmaster? ReadPidFile()
    {
        try
        {
            return File.ReadAllLines(PidFile) is [{ } first, _, _, _, { } socket, ..] && int.TryParse(first, CultureInfo.InvariantCulture, out var pid)
                ? new(pid, socket) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static async Task InitialiseAsync(string path, PostgresBinaries binaries, ServerAccount account, bool durable, CancellationToken ct)
    {
        string[] common = ["--encoding=UTF8", "--username=retail", "--auth=trust", "--data-checksums", .. durable ? (string[])[] : ["--no-sync"]];
        var made = await account.RunAsAsync(binaries.Program("initdb"), ["--locale=C.UTF-8", .. common], path, ct);
        // Where the system has no C.UTF-8, PostgreSQL 17 and later bring one of their own.
        if (!made.Ok && binaries.Version >= 17)
            made = await account.RunAsAsync(binaries.Program("initdb"), ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", .. common], path, ct);
        if (!made.Ok) throw new StartupException($"PostgreSQL could not make a database in {path}: {made.Output.Split('\n')[^1]}.");
    }

    private static void MakeSharedFolder()
    {
        try
        {
            if (Directory.Exists(SharedFolder)) return;
            Directory.CreateDirectory(SharedFolder);
            // Not left to the umask: the server's account must pass through.
            File.SetUnixFileMode(SharedFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The folder {SharedFolder} can't be made for the database: set RETAIL_DATA to a folder that user postgres can enter.", e);
        }
    }

    // Symbolic links on the way resolved, as the kernel names the folder.
    private static string RealPath(string path)
    {
        var parent = System.IO.Path.GetDirectoryName(path);
        if (parent is null) return path;
        var here = System.IO.Path.Combine(RealPath(parent), System.IO.Path.GetFileName(path));
        return LinkTarget(here) is { } target ? RealPath(target.FullName) : here;
    }

    private static FileSystemInfo? LinkTarget(string path) =>
        new DirectoryInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true) : null;

    private static StartupException Closed(string link, Exception e) =>
        new($"The database in {link} belongs to another user than {Environment.UserName}: start the store as the user who made it, or set RETAIL_DATA to another folder.", e);
}

/// <summary>A running server: its process and the folder of its socket.</summary>
internal sealed record Postmaster(int Pid, string SocketFolder);
