using System.Diagnostics;
using Npgsql;
using Xunit;

namespace Retail.Tests.Observability;

/// <summary>A PostgreSQL cluster of this test's own that can be stopped and started; a socket in its folder, no port.</summary>
public sealed class RestartablePostgres : IAsyncLifetime
{
    private static readonly string Bin = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin";
    private readonly string _folder = Directory.CreateTempSubdirectory("retail-pg-").FullName;

    /// <summary>It waits for the disk, as a store's does.</summary>
    public bool IsDurable { get; init; }

    public string ConnectionString => $"Host={_folder};Username=postgres;Database=postgres;Timeout=2";

    public async ValueTask InitializeAsync()
    {
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", "postgres", _folder);
        await PostgresAsync("initdb", "-D", _folder + "/data", "-U", "postgres", "-A", "trust", "--no-sync");
        await StartAsync();
    }

    public Task StartAsync() =>
        PostgresAsync("pg_ctl", "-D", _folder + "/data", "-l", _folder + "/log", "-w", "-o", $"-k {_folder} -h ''{(IsDurable ? "" : " -F")}", "start");

    public Task StopAsync() => PostgresAsync("pg_ctl", "-D", _folder + "/data", "-w", "-m", "immediate", "stop");

    /// <summary>From now on nobody gets in without this password.</summary>
    public async Task WantPasswordAsync(string password)
    {
        await AskAsync<object>($"ALTER USER postgres PASSWORD '{password}'");
        await File.WriteAllTextAsync(_folder + "/data/pg_hba.conf", "local all all scram-sha-256\n");
        await PostgresAsync("pg_ctl", "-D", _folder + "/data", "reload");
    }

    public async Task<T?> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Task PostgresAsync(string program, params string[] arguments) => Environment.IsPrivilegedProcess
        ? RunAsync("runuser", ["-u", "postgres", "--", $"{Bin}/{program}", .. arguments])
        : RunAsync($"{Bin}/{program}", arguments);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("setsid", ["-w", program, .. arguments]) { WorkingDirectory = "/" })!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
