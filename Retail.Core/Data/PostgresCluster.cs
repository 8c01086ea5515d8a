using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Retail.Core.Data;

/// <summary>The store's own PostgreSQL: a private cluster in the data folder, reached over a Unix socket that only its owner (and root) can enter.</summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    /// <summary>Short, because a socket's path has at most 107 bytes.</summary>
    internal const string SocketPrefix = "/tmp/retail-";

    private readonly Func<Task>? _stop;
    private int _stopped;

    private PostgresCluster(string binFolder, string socketFolder, Func<Task>? stop)
    {
        (BinFolder, SocketFolder, _stop) = (binFolder, socketFolder, stop);
        ConnectionString = ConnectionTo(socketFolder, "retail");
    }

    /// <summary>Leads to the store's database, as its owner; needs no password.</summary>
    public string ConnectionString { get; }

    /// <summary>The folder of the server's socket: psql's -h.</summary>
    public string SocketFolder { get; }

    /// <summary>The folder of the programs of the server's version, psql among them where it was installed too.</summary>
    public string BinFolder { get; }

    /// <summary>Starts the cluster, making it on first use; takes over one that a killed store left running. Stopping it is this instance's duty.</summary>
    /// <exception cref="StartupException">It can't be started, or another store holds the data folder.</exception>
    public static async Task<PostgresCluster> StartAsync(PostgresClusterOptions options, ILogger log, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (OperatingSystem.IsWindows()) throw NotOnWindows();
        var folder = Path.GetFullPath(options.DataFolder);
        return await OwnAsync(DataFolderLock.TryTake(folder) ?? throw DataFolderLock.Taken(folder), options, log, ct);
    }

    /// <summary>For commands: uses the cluster of a store that runs, or else starts it until this instance is disposed.</summary>
    /// <exception cref="StartupException">It neither runs nor can be started.</exception>
    public static async Task<PostgresCluster> AttachAsync(PostgresClusterOptions options, ILogger log, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (OperatingSystem.IsWindows()) throw NotOnWindows();
        var folder = Path.GetFullPath(options.DataFolder);
        for (var until = Environment.TickCount64 + (long)options.StartTimeout.TotalMilliseconds; Environment.TickCount64 < until; await Task.Delay(200, ct))
        {
            // Asked again in each round: the holder may just be starting, or just be stopping.
            if (DataFolderLock.TryTake(folder) is { } mine) return await OwnAsync(mine, options, log, ct);
            if (await JoinAsync(folder, ct) is { } running) return running;
        }
        throw DataFolderLock.Taken(folder);
    }

    /// <summary>Stops the server in order, if stopping it is this instance's duty; open connections are ended. A second call does nothing.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0 && _stop is not null) await _stop();
    }

    /// <summary>Stops the server as <see cref="StopAsync"/> does.</summary>
    public async ValueTask DisposeAsync() => await StopAsync();

    [UnsupportedOSPlatform("windows")]
    private static async Task<PostgresCluster> OwnAsync(DataFolderLock mine, PostgresClusterOptions options, ILogger log, CancellationToken ct)
    {
        try
        {
            var dataFolder = Path.GetFullPath(options.DataFolder);
            var found = ClusterFolder.Find(dataFolder);
            var binaries = PostgresBinaries.Choose(found?.Version, found?.Path ?? dataFolder);
            var account = await ServerAccount.ForAsync(found?.Path, ct);
            if (found is not null && !await account.CanEnterAsync(found.Path, ct))
                throw new StartupException($"The database in {found.Path} can't be entered by user {account.Name}, who must run it: move the data folder out of folders that are closed to others.");
            var durable = options.Settings.GetValueOrDefault("fsync") != "off";
            var folder = found ?? await ClusterFolder.CreateAsync(dataFolder, binaries, account, durable, log, ct);
            var server = new PostgresServer(folder, binaries, account, log);
            try
            {
                var socketFolder = await server.StartAsync(options, ct);
                return new(binaries.Folder, socketFolder, async () =>
                {
                    await server.StopAsync();
                    mine.Dispose();
                });
            }
            catch
            {
                await server.StopAsync();
                throw;
            }
        }
        catch
        {
            mine.Dispose();
            throw;
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static async Task<PostgresCluster?> JoinAsync(string dataFolder, CancellationToken ct)
    {
        if (ClusterFolder.Find(dataFolder) is not { } folder) return null;
        var binaries = PostgresBinaries.Choose(folder.Version, folder.Path);
        var account = await ServerAccount.ForAsync(folder.Path, ct);
        return await folder.FindServerAsync(binaries, account, ct) is { } server && await PostgresServer.AnswersAsync(server.SocketFolder, ct)
            ? new(binaries.Folder, server.SocketFolder, stop: null) : null;
    }

    internal static string ConnectionTo(string socketFolder, string database) =>
        DatabaseAddress.WithDefaults(new() { Host = socketFolder, Username = "retail", Database = database }).ConnectionString;

    private static StartupException NotOnWindows() =>
        new("On Windows the store brings no database of its own: set DATABASE_URL to a PostgreSQL server's address.");
}
