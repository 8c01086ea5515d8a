using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Retail.Core.Data;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Data;

public sealed class PostgresClusterTests : IAsyncLifetime
{
    private const string HeldFolder = "RETAIL_TESTS_HELD_FOLDER";

    private readonly string _folder = Environment.GetEnvironmentVariable(HeldFolder) ?? TestDatabase.NewFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_written_is_there_after_a_stop_and_a_start()
    {
        await using (var first = await StartAsync())
        {
            await AskAsync(first, "CREATE TABLE cup AS SELECT 42 AS n");
            Assert.Equal("C.UTF-8 UTF8", await AskAsync(first, "SELECT datcollate || ' ' || pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'retail'"));
            Assert.Equal("", await AskAsync(first, "SHOW listen_addresses"));
            Assert.True(File.Exists(Path.Combine(first.BinFolder, "psql")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(first.SocketFolder));
        }
        Assert.False(File.Exists(PidFile));

        await using var second = await StartAsync();
        Assert.Equal(42, await AskAsync(second, "SELECT n FROM cup"));
    }

    [Fact]
    public async Task Without_other_settings_every_commit_is_on_disk()
    {
        await using var cluster = await PostgresCluster.StartAsync(new() { DataFolder = _folder }, NullLogger.Instance, Cancel);

        Assert.Equal("on on on", await AskAsync(cluster, "SELECT current_setting('fsync') || ' ' || current_setting('synchronous_commit') || ' ' || current_setting('full_page_writes')"));
        Assert.Equal("off", await AskAsync(cluster, "SHOW jit"));
        // As much of the machine's memory as a store may take, and never so much that a small one would not start.
        Assert.InRange((long)(await AskAsync(cluster, "SELECT setting::bigint / 128 FROM pg_settings WHERE name = 'shared_buffers'"))!, 128, 1024);
        // LZ4 where this server knows it, and nothing that would keep one from starting.
        Assert.Equal(await AskAsync(cluster, "SELECT CASE WHEN 'lz4' = ANY(enumvals) THEN 'lz4' ELSE 'off' END FROM pg_settings WHERE name = 'wal_compression'"),
            await AskAsync(cluster, "SHOW wal_compression"));
    }

    [Fact]
    public async Task A_second_store_on_the_folder_is_refused_but_a_command_may_join()
    {
        await using var store = await StartAsync();

        var refusal = await Assert.ThrowsAsync<StartupException>(StartAsync);
        Assert.Equal($"The data folder {_folder} is in use by another store (process {Environment.ProcessId}): stop that one, or set RETAIL_DATA to another folder.", refusal.Message);

        await using (var command = await PostgresCluster.AttachAsync(TestDatabase.In(_folder), NullLogger.Instance, Cancel))
            Assert.Equal(store.SocketFolder, command.SocketFolder);
        Assert.Equal(1, await AskAsync(store, "SELECT 1"));
    }

    [Fact]
    public async Task A_command_alone_has_the_cluster_for_its_own_duration()
    {
        await using (var command = await PostgresCluster.AttachAsync(TestDatabase.In(_folder), NullLogger.Instance, Cancel))
            Assert.Equal(1, await AskAsync(command, "SELECT 1"));

        Assert.False(File.Exists(PidFile));
    }

    [Fact]
    public async Task The_server_of_a_killed_store_is_taken_over_and_stopped_in_the_end()
    {
        using var killed = StartHolder();
        while (await killed.StandardOutput.ReadLineAsync(Cancel) is { } line && !line.Contains("HELD", StringComparison.Ordinal)) { }
        var refusal = await Assert.ThrowsAsync<StartupException>(StartAsync);
        Assert.Contains($"(process {killed.Id})", refusal.Message, StringComparison.Ordinal);
        killed.Kill();
        await killed.WaitForExitAsync(Cancel);
        var server = await File.ReadAllTextAsync(PidFile, Cancel);

        await using (var store = await StartAsync())
        {
            Assert.Equal(server.Split('\n')[0], (await File.ReadAllTextAsync(PidFile, Cancel)).Split('\n')[0]);
            Assert.Equal(42, await AskAsync(store, "SELECT n FROM held"));
        }
        Assert.False(File.Exists(PidFile));
    }

    /// <summary>Not a test: the process that the test above kills.</summary>
    [Fact(Explicit = true)]
    public async Task Holds_a_cluster_until_it_is_killed()
    {
        await using var cluster = await StartAsync();
        await AskAsync(cluster, "CREATE TABLE held AS SELECT 42 AS n");
        Console.WriteLine("HELD");
        await Task.Delay(TimeSpan.FromMinutes(2), Cancel);
    }

    [Fact]
    public async Task A_killed_server_and_an_emptied_tmp_are_no_obstacle()
    {
        await using var first = await PostgresCluster.StartAsync(new() { DataFolder = _folder }, NullLogger.Instance, Cancel);
        await AskAsync(first, "CREATE TABLE cup AS SELECT 42 AS n");
        using (var server = Process.GetProcessById(int.Parse((await File.ReadAllLinesAsync(PidFile, Cancel))[0], CultureInfo.InvariantCulture))) server.Kill();
        Directory.Delete(first.SocketFolder, recursive: true);
        await first.StopAsync();

        await using (var second = await StartAsync())
        {
            Assert.Equal(42, await AskAsync(second, "SELECT n FROM cup"));
            // The pid file of a server that is gone, its number now another process's, as after a reboot.
            var lines = await File.ReadAllLinesAsync(PidFile, Cancel);
            await second.StopAsync();
            lines[0] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            await File.WriteAllLinesAsync(PidFile, lines, Cancel);
        }
        await using var third = await StartAsync();
        Assert.Equal(42, await AskAsync(third, "SELECT n FROM cup"));
    }

    [Fact]
    public async Task As_root_a_folder_that_postgres_cannot_enter_holds_a_link_and_keeps_its_permissions()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root runs PostgreSQL as another user.");
        const UnixFileMode closed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(_folder, closed);
        var dataFolder = Directory.CreateDirectory(Path.Combine(_folder, "my \"$shop\" 'data'")).FullName;
        var options = TestDatabase.In(dataFolder);
        try
        {
            await using (var first = await PostgresCluster.StartAsync(options, NullLogger.Instance, Cancel)) await AskAsync(first, "CREATE TABLE cup AS SELECT 42 AS n");
            Assert.StartsWith("/var/lib/retail/", new DirectoryInfo(Path.Combine(dataFolder, "postgres")).LinkTarget, StringComparison.Ordinal);
            Assert.Equal(closed, File.GetUnixFileMode(_folder));

            await using var second = await PostgresCluster.StartAsync(options, NullLogger.Instance, Cancel);
            Assert.Equal(42, await AskAsync(second, "SELECT n FROM cup"));
        }
        finally
        {
            await TestDatabase.RemoveAsync(dataFolder);
        }
    }

    [Theory]
    [InlineData("13", "was made by PostgreSQL 13")]
    [InlineData("nonsense", "holds no PostgreSQL database")]
    public async Task A_folder_that_no_installed_version_made_is_refused_in_one_sentence(string version, string why)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "postgres"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "postgres", "PG_VERSION"), version, Cancel);

        var refusal = await Assert.ThrowsAsync<StartupException>(StartAsync);

        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public async Task A_database_whose_link_leads_nowhere_is_not_replaced_by_an_empty_one()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "postgres"), Path.Combine(_folder, "gone"));

        var refusal = await Assert.ThrowsAsync<StartupException>(StartAsync);

        Assert.Contains("is gone: bring it back", refusal.Message, StringComparison.Ordinal);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await TestDatabase.RemoveAsync(_folder);

    private string PidFile => Path.Combine(_folder, "postgres", "postmaster.pid");

    private Task<PostgresCluster> StartAsync() => PostgresCluster.StartAsync(TestDatabase.In(_folder), NullLogger.Instance, Cancel);

    private Process StartHolder()
    {
        var type = typeof(PostgresClusterTests);
        var dotnet = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../../dotnet"));
        string[] arguments = [type.Assembly.Location, "-explicit", "only", "-showLiveOutput", "-method", $"{type.FullName}.{nameof(Holds_a_cluster_until_it_is_killed)}"];
        var start = new ProcessStartInfo(dotnet, arguments) { RedirectStandardOutput = true };
        start.Environment[HeldFolder] = _folder;
        return Process.Start(start)!;
    }

    private static async Task<object?> AskAsync(PostgresCluster cluster, string sql)
    {
        await using var connection = new NpgsqlConnection(cluster.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancel);
    }
}
