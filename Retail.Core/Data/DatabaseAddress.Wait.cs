using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Retail.Core.Data;

// The second half: whether the address leads anywhere.
public static partial class DatabaseAddress
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60), SayEvery = TimeSpan.FromSeconds(5);

    /// <summary>Opens one connection; a server that says it is starting is given up to 60 seconds, one that does not answer none.</summary>
    /// <exception cref="StartupException">The database can't be used; the message names the cause and what to do.</exception>
    public static Task WaitAsync(NpgsqlDataSource database, CancellationToken ct) => WaitAsync(database, TimeSpan.Zero, null, ct);

    /// <summary>Opens one connection; a server that is just starting is given up to 60 seconds, one that does not answer as long as asked.</summary>
    /// <param name="database">Where.</param>
    /// <param name="patience">How long a server that does not answer, or whose host has no address yet, is waited for.</param>
    /// <param name="tell">Told every five seconds why it waits; null for silence.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="StartupException">The database can't be used; the message names the cause and what to do.</exception>
    public static async Task WaitAsync(NpgsqlDataSource database, TimeSpan patience, Action<string>? tell, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(database);
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var began = Environment.TickCount64;
        var (until, giveUp, sayAt) = (began + (long)LongestStart.TotalMilliseconds, began + (long)patience.TotalMilliseconds, began);
        while (true)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(ct);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CannotConnectNow && Environment.TickCount64 < until)
            {
                await Task.Delay(200, ct);
            }
            catch (Exception e) when (MayPass(e) && Environment.TickCount64 < giveUp)
            {
                if (Environment.TickCount64 >= sayAt)
                {
                    var left = Math.Ceiling((giveUp - Environment.TickCount64) / 1000.0);
                    tell?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{Sentence(e, settings)} Trying again for {left:0} seconds."));
                    sayAt = Environment.TickCount64 + (long)SayEvery.TotalMilliseconds;
                }
                await Task.Delay(500, ct);
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException or IOException or AuthenticationException or ArgumentException)
            {
                throw new StartupException(Sentence(e, settings), e);
            }
        }
    }

    // Nobody listens yet, the host is not known yet, or it does not answer: what heals while other containers start. A wrong password does not.
    private static bool MayPass(Exception e) => e is not PostgresException && Innermost(e) is SocketException or TimeoutException or IOException;

    internal static string Sentence(Exception e, NpgsqlConnectionStringBuilder settings)
    {
        var host = settings.Host ?? "localhost";
        var place = host.Contains(',', StringComparison.Ordinal) || host.StartsWith('/') ? host : $"{host}:{settings.Port}";
        var database = settings.Database ?? settings.Username;
        return (Innermost(e), (e as PostgresException)?.SqlState) switch
        {
            (_, PostgresErrorCodes.InvalidPassword) => $"The database at {place} refuses the password of user '{settings.Username}': correct it in DATABASE_URL.",
            (_, PostgresErrorCodes.InvalidAuthorizationSpecification) => $"The database at {place} does not let user '{settings.Username}' in: create the user, or allow it in the server's pg_hba.conf.",
            (_, PostgresErrorCodes.InvalidCatalogName) => $"There is no database '{database}' at {place}: create it (CREATE DATABASE), or correct DATABASE_URL.",
            (_, PostgresErrorCodes.InsufficientPrivilege) => $"User '{settings.Username}' may not connect to database '{database}' at {place}: grant it CONNECT.",
            (_, PostgresErrorCodes.TooManyConnections) => $"The database at {place} has no connection left: raise its max_connections, or close other programs.",
            (_, PostgresErrorCodes.CannotConnectNow) => $"The database at {place} is still starting after {LongestStart.TotalSeconds:0} seconds: look into its log.",
            (_, { } state) => $"The database at {place} answers with error {state}: {((PostgresException)e).MessageText}.",
            (SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }, _) => $"The database's host '{host}' is not known: correct it in DATABASE_URL.",
            (SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable }, _) => $"No database answers at {place}: start PostgreSQL there, or correct DATABASE_URL.",
            (TimeoutException, _) => $"The database at {place} did not answer within {settings.Timeout} seconds: check the address, the network and its firewall.",
            (AuthenticationException, _) => $"The database at {place} has no TLS certificate that this machine trusts: correct sslmode or sslrootcert in DATABASE_URL.",
            (_, _) when e.Message.Contains("password", StringComparison.OrdinalIgnoreCase) => $"The database at {place} wants a password for user '{settings.Username}': give it in DATABASE_URL.",
            ({ } cause, _) => $"The database at {place} can't be reached ({cause.Message.TrimEnd('.')}): check DATABASE_URL.",
        };
    }

    private static Exception Innermost(Exception e)
    {
        if (e is AggregateException { InnerExceptions: [.., { } last] }) return Innermost(last);
        return e.InnerException is { } inner ? Innermost(inner) : e;
    }
}
