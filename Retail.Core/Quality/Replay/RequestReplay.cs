using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Data;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Replay;

/// <summary>What became of a request that was sent again.</summary>
/// <param name="Request">As it was recorded.</param>
/// <param name="Status">What it is answered now; 0 when there was no answer.</param>
/// <param name="Differences">What is not as it was, in words; empty when all is.</param>
public sealed record ReplayedRequest(RecordedRequest Request, int Status, IReadOnlyList<string> Differences);

/// <summary>Sends recorded requests again and compares status and shape of the answers.</summary>
public sealed class RequestReplay(RetailDbContext db, MetricRecorder metrics)
{
    /// <summary>The newest recordings, each address once.</summary>
    /// <param name="most">So many addresses.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task<IReadOnlyList<RecordedRequest>> RecordedAsync(int most, CancellationToken ct)
    {
        var newest = await db.RecordedRequests.AsNoTracking().OrderByDescending(r => r.RecordedAt).Take(most * 5).ToListAsync(ct);
        return [.. newest.DistinctBy(r => (r.Target, r.Accept)).Take(most)];
    }

    /// <summary>Sends them one after the other, and records how many there were and how many differ.</summary>
    /// <param name="requests">What to send; a masked one is left out, since nobody knows its secret.</param>
    /// <param name="store">A client of the store, whose address it knows; it must not follow redirects.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task<IReadOnlyList<ReplayedRequest>> RunAsync(IEnumerable<RecordedRequest> requests, HttpClient store, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(store);
        var results = new List<ReplayedRequest>();
        foreach (var request in requests.Where(r => !r.IsMasked)) results.Add(await SendAsync(request, store, ct));
        metrics.Record(MetricTypes.ReplayRequests, results.Count);
        metrics.Record(MetricTypes.ReplayDifferences, results.Count(r => r.Differences.Count > 0), new { of = results.Count });
        return results;
    }

    private static async Task<ReplayedRequest> SendAsync(RecordedRequest recorded, HttpClient store, CancellationToken ct)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, recorded.Target);
        message.Headers.TryAddWithoutValidation("Accept", recorded.Accept);
        message.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        try
        {
            using var answer = await store.SendAsync(message, ct);
            var contentType = answer.Content.Headers.ContentType?.MediaType ?? "";
            var differences = new List<string>();
            if ((int)answer.StatusCode != recorded.Status) differences.Add($"answered {(int)answer.StatusCode}, was {recorded.Status}");
            // A page of the store for an error is made further out than the recording sees.
            if (recorded.ContentType.Length == 0) return new(recorded, (int)answer.StatusCode, differences);
            if (contentType != recorded.ContentType) differences.Add($"is {contentType}, was {recorded.ContentType}");
            if (differences.Count == 0) differences.AddRange(ResponseShape.Differences(recorded.Shape, ResponseShape.Of(contentType, await answer.Content.ReadAsByteArrayAsync(ct))));
            return new(recorded, (int)answer.StatusCode, differences);
        }
        catch (HttpRequestException e)
        {
            return new(recorded, 0, [$"no answer: {e.Message}"]);
        }
    }
}
