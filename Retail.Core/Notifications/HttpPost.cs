using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Retail.Core.Notifications;

/// <summary>Posts a message as JSON to a service that delivers it.</summary>
internal sealed class HttpPost(HttpClient http, string url, string key, TimeSpan timeout)
{
    public async Task SendAsync<T>(T body, string idempotencyKey, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = JsonContent.Create(body) };
        if (key.Length > 0) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (answer.IsSuccessStatusCode) return;
            var why = $"{request.RequestUri!.Host} answered {(int)answer.StatusCode}.";
            // These say that the message is wrong; a wrong key or too many requests say nothing about it.
            if (answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableContent) throw new RefusedForGoodException(why);
            throw new ProviderAwayException(why);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new ProviderAwayException($"{request.RequestUri!.Host} did not answer within {timeout.TotalSeconds:0.#} s.", e);
        }
        catch (HttpRequestException e)
        {
            throw new ProviderAwayException($"{request.RequestUri!.Host}: {e.Message}", e);
        }
    }
}
