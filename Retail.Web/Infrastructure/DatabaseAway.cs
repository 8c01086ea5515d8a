using System.Globalization;
using Npgsql;

namespace Retail.Web.Infrastructure;

/// <summary>The database does not answer: not our fault for good, so the visitor is asked to try again, and programs are told when.</summary>
internal static class DatabaseAway
{
    private const int RetryAfterSeconds = 10;

    /// <summary>503 when the database is away, and 500 for everything else.</summary>
    public static int StatusOf(Exception failure) => Is(failure) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError;

    /// <summary>Says when to try again.</summary>
    public static void SayWhen(HttpResponse response) => response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);

    /// <summary>The failure, or what caused it, is a connection that could not be made or was lost; never a refused statement.</summary>
    public static bool Is(Exception? failure) => failure switch
    {
        null => false,
        // It stops, it starts, it lost its connection (class 08), it has none left.
        PostgresException refused => refused.SqlState.StartsWith("57P", StringComparison.Ordinal) || refused.SqlState.StartsWith("08", StringComparison.Ordinal)
            || refused.SqlState == PostgresErrorCodes.TooManyConnections,
        NpgsqlException => true,
        AggregateException several => several.InnerExceptions.Any(Is),
        _ => Is(failure.InnerException),
    };
}
