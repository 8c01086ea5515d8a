using System.Diagnostics;
using Npgsql;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Commands;

/// <summary>What a command answered.</summary>
internal sealed record Answer(int ExitCode, string Output, string Errors);

/// <summary>The real command line in a process of its own, on a database of its own.</summary>
internal sealed class RetailCommand : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly string _connectionString;

    private RetailCommand(TestDatabase database, string connectionString) => (_database, _connectionString) = (database, connectionString);

    /// <summary>A folder for the test's files.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("retail-commands-").FullName;

    public static async Task<RetailCommand> OnEmptyDatabaseAsync(TestDatabase database) => new(database, await database.EmptyAsync());

    public Task<Answer> RunAsync(params string[] arguments) => RunAsync(_connectionString, "", arguments);

    public Task<Answer> RunWithInputAsync(string input, params string[] arguments) => RunAsync(_connectionString, input, arguments);

    public static Task<Answer> RunAsync(string databaseUrl, string input, params string[] arguments) => RunAsync([], databaseUrl, input, arguments);

    /// <summary>The same with these environment variables.</summary>
    public static async Task<Answer> RunAsync((string Name, string Value)[] variables, string databaseUrl, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Retail.Web.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DATABASE_URL"] = databaseUrl;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";   // the simulator is the gateway
        start.Environment["DATABASE_WAIT"] = "0";
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new(process.ExitCode, await output, await errors);
    }

    /// <summary>Writes a file and answers its path.</summary>
    public string HasFile(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The first column of the first row, as text.</summary>
    public async Task<string?> QueryAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))?.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        await _database.DropAsync(_connectionString);
    }
}
