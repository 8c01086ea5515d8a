using System.Net;
using System.Net.Http.Json;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Drills;

/// <summary>The simulator's faults, on demand: sets them for the drill's own calls, and tries whether each does what it says, twice.</summary>
public sealed class FaultModes(DrillBooks books)
{
    /// <summary>The header by which the simulator knows a call on a drill's behalf.</summary>
    public const string DrillHeader = "Retail-Drill";

    private const int DelayMs = 300;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // What the caller sees, and how many charges the books then have.
    private static readonly (string Mode, string Outcome)[] Expected =
    [
        ("decline", "HTTP 402, 0 charges"), ("delay", "HTTP 200, late, 1 charges"), ("hang", "no answer, 0 charges"),
        ("error500", "HTTP 500, 0 charges"), ("cut", "cut off, 0 charges"), ("succeed_silently", "cut off, 1 charges"),
    ];

    /// <summary>Makes the simulator fail.</summary>
    public async Task SetAsync(DrillStage stage, object fault, CancellationToken ct)
    {
        using var request = books.AtGateway(stage, HttpMethod.Post, "faults");
        request.Content = JsonContent.Create(fault);
        using var answer = await stage.Store.SendAsStrangerAsync(request, ct);
        if (!answer.IsSuccessStatusCode) throw new DrillBrokenException($"The simulator took no fault ({(int)answer.StatusCode}).");
    }

    /// <summary>Makes it well again.</summary>
    public async Task ClearAsync(DrillStage stage, CancellationToken ct)
    {
        using var request = books.AtGateway(stage, HttpMethod.Delete, "faults");
        using var answer = await stage.Store.SendAsStrangerAsync(request, ct);
    }

    /// <summary>Tries every fault twice and notes how many did not do what they say.</summary>
    public async Task TryAsync(DrillStage stage, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stage);
        var deviations = new List<string>();
        try
        {
            foreach (var (mode, outcome) in Expected)
                for (var round = 1; round <= 2; round++)
                    if (await ChargeAsync(stage, mode, ct) is var seen && seen != outcome) deviations.Add($"{mode}: {seen}");
        }
        finally
        {
            await ClearAsync(stage, CancellationToken.None);
        }
        stage.Figure(MetricTypes.FaultModesTried, Expected.Length, "Faults of the simulator tried, each twice", Wanted.Exactly(Expected.Length));
        stage.Figure(MetricTypes.FaultModeDeviations, deviations.Count, "Times a fault did not do what it says", Wanted.Zero, deviations.Count == 0 ? null : string.Join("; ", deviations));
    }

    private async Task<string> ChargeAsync(DrillStage stage, string mode, CancellationToken ct)
    {
        await SetAsync(stage, new { mode, delay_ms = DelayMs, calls = 1, drill = stage.Id }, ct);
        var order = stage.NewCharge();
        using var request = books.AtGateway(stage, HttpMethod.Post, "v1/payment_intents");
        request.Headers.Add(DrillHeader, stage.Id.ToString());
        request.Headers.Add("Idempotency-Key", $"drill-{order}");
        request.Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["amount"] = "100",
            ["currency"] = "usd",
            ["payment_method"] = "pm_card_visa",
            ["confirm"] = "true",
            ["metadata[order_id]"] = order.ToString(),
        });
        var seen = await SeeAsync(stage, request, ct);
        var charges = (await books.ChargesAsync(stage, [order], ct))[0].Charges;
        return $"{seen}, {charges} charges";
    }

    private static async Task<string> SeeAsync(DrillStage stage, HttpRequestMessage request, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        // A call that was sent is waited for: the simulator acts on it all the same.
        using var patience = new CancellationTokenSource(Patience);
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            using var answer = await stage.Store.SendAsStrangerAsync(request, patience.Token);
            var isLate = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds >= DelayMs - 10 && answer.StatusCode == HttpStatusCode.OK;
            return $"HTTP {(int)answer.StatusCode}{(isLate ? ", late" : "")}";
        }
        catch (HttpRequestException)
        {
            return "cut off";
        }
        catch (OperationCanceledException)
        {
            return "no answer";
        }
    }
}
