using System.CommandLine;
using System.Globalization;
using System.Net;
using Npgsql;
using Retail.Web.Hosting;

namespace Retail.Web.Commands;

/// <summary>Asks a process whether it is well: for containers, whose images have no curl.</summary>
internal static class HealthcheckCommand
{
    // A worker says every two seconds that it lives (Jobs/WorkerHeart).
    private const string Heard = "SELECT extract(epoch FROM now() - max(seen_at))::float8 FROM workers WHERE node LIKE $1 || ':%'";
    private const double LongestSilence = 15;

    private static readonly Option<bool> Worker = new("--worker") { Description = "Ask the database whether this machine's worker gave a sign of life in the last 15 seconds." };
    private static readonly Argument<string> Address = new("url") { Description = "What to ask.", DefaultValueFactory = _ => "http://127.0.0.1:8000/health/readiness" };

    public static Command Create()
    {
        var command = new Command("healthcheck", """
            Asks the store on this machine whether it is ready, and exits with 0 when it is. Prints what it answered.

            Examples:
              healthcheck
              healthcheck http://127.0.0.1:8000/health
              healthcheck --worker
            """)
        { Address, Worker };
        command.SetAction((parsed, ct) => parsed.GetValue(Worker) ? AskWorkerAsync(ct) : RunAsync(parsed.GetRequiredValue(Address), ct));
        return command;
    }

    private static async Task<int> AskWorkerAsync(CancellationToken ct)
    {
        using var startup = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.None));
        await using var database = await StoreDatabase.AttachAsync(startup.CreateLogger("retail.startup"), ct);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var ask = source.CreateCommand(Heard);
        ask.Parameters.Add(new() { Value = Environment.MachineName });
        if (await ask.ExecuteScalarAsync(ct) is not double silence)
        {
            await Console.Error.WriteLineAsync("No worker of this machine has given a sign of life.");
            return 1;
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The worker was heard {silence:0.0} seconds ago."));
        return silence <= LongestSilence ? 0 : 1;
    }

    private static async Task<int> RunAsync(string address, CancellationToken ct)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) }) { Timeout = TimeSpan.FromSeconds(4) };
        try
        {
            using var answer = await client.GetAsync(new Uri(address), ct);
            Console.WriteLine(await answer.Content.ReadAsStringAsync(ct));
            return answer.StatusCode == HttpStatusCode.OK ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            await Console.Error.WriteLineAsync($"{address} does not answer: {e.Message}");
            return 1;
        }
    }
}
