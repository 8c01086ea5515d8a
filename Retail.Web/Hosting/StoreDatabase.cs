using Npgsql;
using Retail.Core.Data;

namespace Retail.Web.Hosting;

/// <summary>The database that the process works on: the server that DATABASE_URL names, or a private cluster of its own.</summary>
public sealed class StoreDatabase : IAsyncDisposable
{
    private readonly PostgresCluster? _cluster;

    private StoreDatabase(string connectionString, PostgresCluster? cluster) => (ConnectionString, _cluster) = (connectionString, cluster);

    public string ConnectionString { get; }

    /// <summary>A private cluster: the worker then runs in the web process, and an empty store is seeded.</summary>
    public bool IsEmbedded => _cluster is not null;

    /// <summary>Where psql is, if the cluster knows; otherwise it is looked for on the PATH.</summary>
    public string? BinFolder => _cluster?.BinFolder;

    /// <summary>RETAIL_DATA, or .data in the current folder.</summary>
    public static string DataFolder => Environment.GetEnvironmentVariable("RETAIL_DATA") is { Length: > 0 } folder ? folder : ".data";

    private static string? Url => Environment.GetEnvironmentVariable("DATABASE_URL") is { Length: > 0 } url ? url : null;

    /// <summary>With no DATABASE_URL the store brings its own database.</summary>
    public static bool WillBeEmbedded => Url is null;

    /// <summary>For the store: takes the data folder for itself, and waits a while for a server that does not answer yet.</summary>
    public static Task<StoreDatabase> StartAsync(TimeSpan patience, ILogger log, CancellationToken ct) => OpenAsync(PostgresCluster.StartAsync, patience, log, ct);

    /// <summary>For a command: beside a store that runs, or alone.</summary>
    public static Task<StoreDatabase> AttachAsync(ILogger log, CancellationToken ct) => OpenAsync(PostgresCluster.AttachAsync, TimeSpan.Zero, log, ct);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is null) return;
        NpgsqlConnection.ClearAllPools();
        await _cluster.DisposeAsync();
    }

    private static async Task<StoreDatabase> OpenAsync(
        Func<PostgresClusterOptions, ILogger, CancellationToken, Task<PostgresCluster>> open, TimeSpan patience, ILogger log, CancellationToken ct)
    {
        if (Url is { } url)
        {
            var connectionString = DatabaseAddress.Parse(url);
            await using var source = NpgsqlDataSource.Create(connectionString);
            await DatabaseAddress.WaitAsync(source, patience, Console.Error.WriteLine, ct);
            return new(connectionString, null);
        }
        var cluster = await open(new PostgresClusterOptions { DataFolder = DataFolder }, log, ct);
        return new(cluster.ConnectionString, cluster);
    }
}
