using System.CommandLine;
using System.Net;

namespace Retail.Web.Commands;

/// <summary>Asks a process whether it is well: for containers, whose images have no curl.</summary>
internal static class HealthcheckCommand
{
    private static readonly Argument<string> Address = new("url") { Description = "What to ask.", DefaultValueFactory = _ => "http://127.0.0.1:8000/health/readiness" };

    public static Command Create()
    {
        var command = new Command("healthcheck", """
            Asks the store on this machine whether it is ready, and exits with 0 when it is. Prints what it answered.

            Examples:
              healthcheck
              healthcheck http://127.0.0.1:8000/health
              healthcheck http://127.0.0.1:8081/health/readiness     (the worker)
            """)
        { Address };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetRequiredValue(Address), ct));
        return command;
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
