using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace Retail.Web.Smoke;

/// <summary>A step did not see what it should.</summary>
internal sealed class SmokeFailedException(string expected, string seen) : Exception
{
    public string Expected { get; } = expected;

    public string Seen { get; } = seen;
}

/// <summary>An answer of the store.</summary>
internal sealed partial record SmokePage(HttpStatusCode Status, Uri Address, string Html, string RequestId)
{
    /// <summary>What a person reads in the page's main part, at most 300 characters.</summary>
    public string Words
    {
        get
        {
            var main = MainPart().Match(Html) is { Success: true } part ? part.Value : Html;
            var text = Blanks().Replace(WebUtility.HtmlDecode(Tags().Replace(main, " ")), " ").Trim();
            return text.Length > 300 ? text[..300] + " …" : text;
        }
    }

    /// <summary>The value of a hidden field.</summary>
    public string Hidden(string name) =>
        Inputs().Matches(Html).Select(m => m.Value).FirstOrDefault(input => input.Contains($"name=\"{name}\"", StringComparison.Ordinal)) is { } field
        && Value().Match(field) is { Success: true } value ? WebUtility.HtmlDecode(value.Groups[1].Value) : throw new SmokeFailedException($"a form with the field {name} at {Address}", $"{(int)Status}: {Words}");

    public string Seen => $"{(int)Status} at {Address.PathAndQuery}: {Words} (request {RequestId})";

    [GeneratedRegex("<main.*?</main>", RegexOptions.Singleline)]
    private static partial Regex MainPart();

    [GeneratedRegex("<(script|style|svg).*?</\\1>|<[^>]*>", RegexOptions.Singleline)]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("<input[^>]*>")]
    private static partial Regex Inputs();

    [GeneratedRegex("value=\"([^\"]*)\"")]
    private static partial Regex Value();
}

/// <summary>A shopper's browser, as far as smoke needs one: cookies, redirects, forms.</summary>
internal sealed class SmokeVisitor : IDisposable
{
    private readonly HttpClient _client;

    public SmokeVisitor(Uri store) => _client = new(new SocketsHttpHandler { CookieContainer = new(), PooledConnectionLifetime = TimeSpan.FromMinutes(1) })
    {
        BaseAddress = store,
        Timeout = TimeSpan.FromSeconds(20),
    };

    public Task<SmokePage> GetAsync(string path, CancellationToken ct) => SendAsync(new(HttpMethod.Get, path), ct);

    public Task<SmokePage> PostAsync(string path, CancellationToken ct, params (string Name, string Value)[] fields) =>
        SendAsync(new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))) }, ct);

    public Task<SmokePage> PostJsonAsync(string path, object body, CancellationToken ct) => SendAsync(new(HttpMethod.Post, path) { Content = JsonContent.Create(body) }, ct);

    public Task<SmokePage> DeleteAsync(string path, CancellationToken ct) => SendAsync(new(HttpMethod.Delete, path), ct);

    public void Dispose() => _client.Dispose();

    private async Task<SmokePage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        using (request)
        {
            try
            {
                using var answer = await _client.SendAsync(request, ct);
                var id = answer.Headers.TryGetValues("X-Request-ID", out var ids) ? ids.First() : "unknown";
                return new(answer.StatusCode, answer.RequestMessage!.RequestUri!, await answer.Content.ReadAsStringAsync(ct), id);
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                throw new SmokeFailedException($"an answer to {request.Method} {request.RequestUri}", e.Message);
            }
        }
    }
}
