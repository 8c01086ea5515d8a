using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Retail.Core.Metrics;

namespace Retail.Core.Payments.Gateway;

/// <summary>Requests through the pipeline: a reply that says something, or the reason why there is none.</summary>
internal sealed class GatewayWire(GatewayAddress address, GatewayPipeline pipeline, PaymentsOptions options, ILogger logger) : IDisposable
{
    // No redirects: the key goes to the configured address or nowhere. No proxy between the store and its own simulator.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = options.GatewayUrl.Length > 0,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,     // the pipeline's business
        MaxResponseContentBufferSize = 1 << 20,
    };

    public Task<(GatewayReply? Reply, NoReply? None)> GetAsync(string path, CancellationToken ct) =>
        SendAsync(HttpMethod.Get, path, null, null, ct);

    public Task<(GatewayReply? Reply, NoReply? None)> PostAsync(string path, string? key, CancellationToken ct, params (string Name, string Value)[] form) =>
        SendAsync(HttpMethod.Post, path, key, [.. form.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))], ct);

    public void Dispose() => _http.Dispose();

    private async Task<(GatewayReply? Reply, NoReply? None)> SendAsync(
        HttpMethod method, string path, string? key, List<KeyValuePair<string, string>>? form, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (address.Current is not { } root) return (null, new("not_listening_yet"));
        var sent = 0;
        NoReply none;
        try
        {
            var reply = await pipeline.RunAsync(async attempt =>
            {
                sent++;
                using var request = new HttpRequestMessage(method, new Uri(root, path));
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.SecretKey);
                if (key is not null) request.Headers.Add("Idempotency-Key", key);
                // The simulator's faults can be kept to a drill's own calls; no other gateway reads it.
                if (DrillScope.Current is { } drill) request.Headers.Add("Retail-Drill", drill.ToString());
                if (form is not null) request.Content = new FormUrlEncodedContent(form);
                using var response = await _http.SendAsync(request, attempt);
                return GatewayReply.From(response, await response.Content.ReadAsStringAsync(attempt));
            });
            if (reply.Status is 200 or 400 or 402 or 404) return (reply, null);
            none = new($"answered_{reply.Status}");
        }
        catch (BrokenCircuitException)
        {
            // Opened between two attempts of ours: the first may have reached the gateway, so this is no fast answer of an open circuit.
            none = sent == 0 ? new("circuit_open", CircuitOpen: true) : new("failed_until_circuit_opened");
        }
        catch (TimeoutRejectedException)
        {
            none = new("timed_out");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            none = new("unreachable");
        }
        if (!none.CircuitOpen) logger.NoAnswer(method.Method, path.Split('?')[0], none.Reason);
        return (null, none);
    }
}
