using System.CommandLine;
using Retail.Core.Data;
using Retail.Core.Quality.Replay;
using Retail.Web.Hosting;

namespace Retail.Web.Commands;

/// <summary>Asks a store again what strangers have asked it.</summary>
internal static class ReplayRequestsCommand
{
    private static readonly Option<string> Url = new("--url") { Description = "The store to ask.", DefaultValueFactory = _ => StoreHost.DefaultUrl };
    private static readonly Option<int> Last = new("--last") { Description = "So many addresses, the newest first.", DefaultValueFactory = _ => 100 };

    public static Command Create()
    {
        var command = new Command("replay-requests", """
            Sends recorded requests to a store again and compares status and shape of the answers. Only reading requests of
            strangers are recorded, a few an hour of each route, with secrets masked. Ends with 1 when an answer differs.
            """)
        { Url, Last };
        command.Validators.Add(result =>
        {
            // What was not said has its default, which is not there yet when this is asked.
            if (result.GetResult(Last) is { Implicit: false } && result.GetValue(Last) is < 1 or > 10_000) result.AddError("--last is from 1 to 10000.");
            if (result.GetResult(Url) is { Implicit: false } && (!Uri.TryCreate(result.GetValue(Url), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))) result.AddError("--url is an address such as http://localhost:8000.");
        });
        command.SetAction(async (parsed, ct) =>
        {
            await using var store = await CommandStore.OpenAsync(ct);
            var replay = store.Get<RequestReplay>();
            var requests = await replay.RecordedAsync(parsed.GetValue(Last), ct);
            if (requests.Count == 0) throw new StartupException("No request was recorded yet. Open some pages of the store, wait a few seconds, and try again.");
            using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
            using var client = new HttpClient(handler) { BaseAddress = new Uri(parsed.GetRequiredValue(Url)), Timeout = TimeSpan.FromSeconds(30) };
            var results = await replay.RunAsync(requests, client, ct);
            foreach (var result in results.Where(r => r.Differences.Count > 0))
                Console.WriteLine($"  {result.Request.Target}: {string.Join("; ", result.Differences.Take(5))}  (recorded as {result.Request.RequestId})");
            var different = results.Count(r => r.Differences.Count > 0);
            Console.WriteLine($"{results.Count} requests sent again, {different} answered differently{(requests.Count > results.Count ? $", {requests.Count - results.Count} left out because a secret in them is masked" : "")}.");
            return different > 0 ? 1 : 0;
        });
        return command;
    }
}
