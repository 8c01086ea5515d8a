using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Retail.Core.Data;

/// <summary>Starts, takes over and stops the server of one cluster. Only who holds the data folder's lock may.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PostgresServer(ClusterFolder folder, PostgresBinaries binaries, ServerAccount account, ILogger log)
{
    /// <summary>Makes sure that the server runs and has the store's database.</summary>
    /// <returns>The folder of its socket.</returns>
    public async Task<string> StartAsync(PostgresClusterOptions options, CancellationToken ct)
    {
        var started = false;
        for (var until = Environment.TickCount64 + (long)options.StartTimeout.TotalMilliseconds; Environment.TickCount64 < until; await Task.Delay(100, ct))
        {
            if (await folder.FindServerAsync(binaries, account, ct) is { } running)
            {
                if (await AnswersAsync(running.SocketFolder, ct))
                {
                    if (started) log.ServerStarted(running.Pid, running.SocketFolder);
                    else log.ServerTakenOver(running.Pid, running.SocketFolder);
                    return running.SocketFolder;
                }
                // Someone emptied /tmp under it: it lives, but nobody can reach it any more.
                if (running.SocketFolder.Length > 0 && !Directory.Exists(running.SocketFolder)) await StopAsync();
            }
            else
            {
                started = true;
                await LaunchAsync(options, ct);
            }
        }
        throw new StartupException($"The database in {folder.Path} did not answer within {options.StartTimeout.TotalSeconds:0} seconds: {folder.LastComplaint()}.");
    }

    /// <summary>Stops the server, if it runs: connections are ended, what was committed is on disk.</summary>
    public async Task StopAsync()
    {
        if (await folder.FindServerAsync(binaries, account, CancellationToken.None) is not { } running) return;
        var stopped = await account.RunAsAsync(binaries.Program("pg_ctl"), ["stop", "--mode=fast", "--wait", "--timeout=60"], folder.Path, CancellationToken.None);
        if (!stopped.Ok)
        {
            log.ServerNotStopped(running.Pid, stopped.Output);
            return;
        }
        if (running.SocketFolder.StartsWith(PostgresCluster.SocketPrefix, StringComparison.Ordinal) && Directory.Exists(running.SocketFolder))
            Directory.Delete(running.SocketFolder, recursive: true);
        log.ServerStopped(running.Pid);
    }

    /// <summary>Whether a server answers in a socket folder, with the store's database made on first use.</summary>
    public static async Task<bool> AnswersAsync(string socketFolder, CancellationToken ct)
    {
        try
        {
            await using var connection = new NpgsqlConnection(PostgresCluster.ConnectionTo(socketFolder, "postgres") + ";Pooling=false");
            await connection.OpenAsync(ct);
            await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = 'retail'", connection);
            if (await exists.ExecuteScalarAsync(ct) is null)
            {
                await using var create = new NpgsqlCommand("CREATE DATABASE retail", connection);
                await create.ExecuteNonQueryAsync(ct);
            }
            return true;
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException || e is NpgsqlException and not PostgresException)
        {
            return false;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.DuplicateDatabase)
        {
            return false;
        }
    }

    private async Task LaunchAsync(PostgresClusterOptions options, CancellationToken ct)
    {
        folder.ForgetServer();
        File.Delete(folder.StartLog);
        // mktemp makes a name that nobody can have taken before, closed to others, in the account's hands.
        var socket = await account.RunAsAsync("mktemp", ["-d", PostgresCluster.SocketPrefix + "XXXXXXXX"], null, ct);
        if (!socket.Ok) throw new StartupException($"No folder for the database's socket can be made in /tmp: {socket.Output}.");
        var settings = new Dictionary<string, string>(options.Settings)
        {
            ["listen_addresses"] = "",
            ["port"] = "5432",
            ["unix_socket_directories"] = socket.Output,
            ["unix_socket_permissions"] = "0700",
        };
        var arguments = string.Join(' ', settings.Select(s => $"-c {Quoted($"{s.Key}={s.Value}")}"));
        // pg_ctl gives the server a session of its own: Ctrl-C at the store's terminal does not reach it.
        var launched = await account.RunAsAsync(binaries.Program("pg_ctl"), ["start", "--wait", $"--timeout={options.StartTimeout.TotalSeconds:0}", "--log=start.log", $"--options={arguments}"], folder.Path, ct);
        if (launched.Ok) return;
        Directory.Delete(socket.Output, recursive: true);
        // A killed server's last children may still be leaving; the caller tries again.
        var complaint = folder.LastComplaint();
        if (!complaint.Contains("is still in use", StringComparison.Ordinal))
            throw new StartupException($"PostgreSQL could not be started on {folder.Path}: {complaint}.");
    }

    // pg_ctl hands its --options to a shell.
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
