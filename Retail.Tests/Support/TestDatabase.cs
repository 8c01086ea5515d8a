using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Retail.Core.Data;
using Retail.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(TestDatabase))]
[assembly: System.Runtime.Versioning.UnsupportedOSPlatform("windows")]

namespace Retail.Tests.Support;

/// <summary>One throw-away PostgreSQL for the whole run, started by the first test that asks: a migrated template, cloned for each test class.</summary>
public sealed class TestDatabase : IAsyncLifetime
{
    private const string Prefix = "retail-tests-";

    // A clone is some 800 small files: in memory it is made in a fifth of the time.
    private const string OnDisk = "/tmp", InMemory = "/dev/shm";
    private const long RoomWanted = 2L << 30;

    private static readonly string Home = Directory.Exists(InMemory) && new DriveInfo(InMemory).AvailableFreeSpace >= RoomWanted ? InMemory : OnDisk;

    private static readonly Dictionary<string, string> FastAndForgetful = new()
    {
        ["fsync"] = "off",
        ["synchronous_commit"] = "off",
        ["full_page_writes"] = "off",
        ["max_connections"] = "300",
        ["shared_buffers"] = "128MB",
        ["max_wal_size"] = "256MB",
    };

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly HashSet<string> _templates = [];
    private PostgresCluster? _cluster;
    private string? _folder;
    private int _clones;

    /// <summary>A new folder for a test's files, open to PostgreSQL's account when the tests run as root.</summary>
    public static string NewFolder()
    {
        // The owner's pid in the name tells a later run whether the folder is a leftover.
        var folder = Path.Combine(Home, $"{Prefix}{Environment.ProcessId}-{Path.GetRandomFileName()[..6]}");
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, File.GetUnixFileMode("/usr"));
        return folder;
    }

    /// <summary>What a test's cluster is started with: no waiting for the disk.</summary>
    public static PostgresClusterOptions In(string dataFolder) => new() { DataFolder = dataFolder, Settings = FastAndForgetful };

    /// <summary>The cluster itself; tests of the store ask for a clone.</summary>
    public async Task<PostgresCluster> ClusterAsync()
    {
        await _one.WaitAsync();
        try
        {
            return _cluster ??= await PostgresCluster.StartAsync(In(_folder ??= NewFolder()), NullLogger.Instance, CancellationToken.None);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>A database of one's own, a copy of the template of that name; the first who asks makes it.</summary>
    /// <param name="template">Lower-case letters.</param>
    /// <param name="fill">Fills the empty database that becomes the template.</param>
    public async Task<string> CloneAsync(string template, Func<string, Task> fill)
    {
        await ClusterAsync();
        var name = $"template_{template}";
        await _one.WaitAsync();
        try
        {
            if (!_templates.Contains(name))
            {
                await ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                await ExecuteAsync($"CREATE DATABASE {name}");
                await fill(ConnectionTo(name));
                // A database with an open connection can't be cloned, so what was left in a pool is ended.
                await ExecuteAsync($"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false");
                await ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
                _templates.Add(name);
            }
        }
        finally
        {
            _one.Release();
        }
        return await CreateAsync(name);
    }

    /// <summary>A database of one's own with nothing in it.</summary>
    public async Task<string> EmptyAsync()
    {
        await ClusterAsync();
        return await CreateAsync("template1");
    }

    /// <summary>Drops a clone that is no longer needed, whoever is connected to it.</summary>
    public async Task DropAsync(string connectionString)
    {
        await using (var connection = new NpgsqlConnection(connectionString)) NpgsqlConnection.ClearPool(connection);
        await ExecuteAsync($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");
    }

    /// <summary>Clears away what killed runs left behind.</summary>
    public async ValueTask InitializeAsync()
    {
        foreach (var folder in ((string[])[OnDisk, InMemory]).Where(Directory.Exists).SelectMany(home => Directory.GetDirectories(home, Prefix + "*")))
            if (int.TryParse(Path.GetFileName(folder)[Prefix.Length..].Split('-')[0], CultureInfo.InvariantCulture, out var owner) && !IsAlive(owner))
                await RemoveAsync(folder);
    }

    /// <summary>Stops the cluster and deletes its files.</summary>
    public async ValueTask DisposeAsync()
    {
        _one.Dispose();
        if (_cluster is not null) await _cluster.DisposeAsync();
        if (_folder is not null) await RemoveAsync(_folder);
    }

    /// <summary>Deletes a folder made by <see cref="NewFolder"/>, its cluster included.</summary>
    public static async Task RemoveAsync(string folder)
    {
        var cluster = Path.Combine(folder, "postgres");
        // A pid file means that the server may still run: taken over, it can be stopped in order.
        if (File.Exists(Path.Combine(cluster, "postmaster.pid")))
        {
            try
            {
                await using (await PostgresCluster.StartAsync(In(folder), NullLogger.Instance, CancellationToken.None)) { }
            }
            catch (StartupException e)
            {
                // Without fsync a killed cluster may be past starting; nothing runs then, and it only has to go.
                Console.WriteLine(e.Message);
            }
        }
        if (new DirectoryInfo(cluster).LinkTarget is { } elsewhere && Directory.Exists(elsewhere)) Directory.Delete(elsewhere, recursive: true);
        Directory.Delete(folder, recursive: true);
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private async Task<string> CreateAsync(string template)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"shop_{Interlocked.Increment(ref _clones)}");
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template}");
        return ConnectionTo(name);
    }

    private string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder(_cluster!.ConnectionString) { Database = database }.ConnectionString;

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionTo("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
