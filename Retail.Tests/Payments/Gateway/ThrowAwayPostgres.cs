using System.Diagnostics;
using Npgsql;
using Xunit;

namespace Retail.Tests.Payments.Gateway;

/// <summary>A PostgreSQL cluster that lives for one test run: no TCP port, no fsync.</summary>
public sealed class ThrowAwayPostgres : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("retail-test-").FullName;

    public NpgsqlDataSource Database { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Environment.UserName == "root") await RunAsync("chown", "postgres", _folder);
        await AsPostgresAsync("initdb", "-D", $"{_folder}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync");
        await AsPostgresAsync("pg_ctl", "-D", $"{_folder}/data", "-w", "-l", $"{_folder}/log", "-o", $"-c listen_addresses='' -c fsync=off -k {_folder}", "start");
        Database = NpgsqlDataSource.Create($"Host={_folder};Username=postgres;Database=postgres");
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await AsPostgresAsync("pg_ctl", "-D", $"{_folder}/data", "-w", "-m", "immediate", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private static Task AsPostgresAsync(string program, params string[] args) => Environment.UserName == "root"
        ? RunAsync("runuser", ["-u", "postgres", "--", program, .. args])
        : RunAsync(program, args);

    // Output is not redirected to a pipe: the server would inherit it and keep it open.
    private static async Task RunAsync(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. args]) { WorkingDirectory = "/tmp" })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', args)} ended with {process.ExitCode}.");
    }
}
