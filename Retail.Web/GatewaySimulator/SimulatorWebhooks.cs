using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Retail.Core.Payments.Gateway;

namespace Retail.Web.GatewaySimulator;

/// <summary>The settings under "Simulator".</summary>
public sealed class SimulatorOptions
{
    /// <summary>Where the simulator tells its news; empty: this very store. "none": nowhere.</summary>
    public string WebhookUrl { get; set; } = "";

    /// <summary>How long after the fact the news is sent.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan WebhookDelay { get; set; } = TimeSpan.FromMilliseconds(500);
}

/// <summary>Tells the store of each change in the books, signed as the gateway signs, beside the answer that it may or may not get.</summary>
internal sealed partial class SimulatorWebhooks(
    GatewayAddress address, IOptions<SimulatorOptions> options, IOptions<PaymentsOptions> payments, TimeProvider clock, ILogger<SimulatorWebhooks> logger) : BackgroundService
{
    private const int Senders = 8, MaxTries = 6;

    // What the store misses it finds out by asking: when nobody listens for long, news is dropped.
    private readonly Channel<News> _news = Channel.CreateBounded<News>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Queues an event; never waits.</summary>
    public void Tell(string type, JsonObject about)
    {
        if (options.Value.WebhookUrl == "none") return;
        var now = clock.GetUtcNow();
        var body = new JsonObject
        {
            ["id"] = SimulatorAnswer.NewId("evt"),
            ["object"] = "event",
            ["type"] = type,
            ["created"] = now.ToUnixTimeSeconds(),
            ["livemode"] = false,
            ["data"] = new JsonObject { ["object"] = about.DeepClone() },
        };
        _news.Writer.TryWrite(new(type, Encoding.UTF8.GetBytes(body.ToJsonString()), now + options.Value.WebhookDelay));
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Parallel.ForEachAsync(_news.Reader.ReadAllAsync(stoppingToken), new ParallelOptions { MaxDegreeOfParallelism = Senders, CancellationToken = stoppingToken }, SendAsync);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The store stops; what was not told is found out by asking.
        }
    }

    private async ValueTask SendAsync(News news, CancellationToken ct)
    {
        if (news.Due - clock.GetUtcNow() is { Ticks: > 0 } wait) await Task.Delay(wait, ct);
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            if (await TrySendAsync(news, ct)) return;
            await Task.Delay(TimeSpan.FromMilliseconds(200 * Math.Pow(2, tries)), ct);
        }
        logger.NotTold(news.Type);
    }

    private async Task<bool> TrySendAsync(News news, CancellationToken ct)
    {
        var to = options.Value.WebhookUrl is { Length: > 0 } configured ? new Uri(configured) : address.Current is { } own ? new Uri(own, "/payments/webhook") : null;
        if (to is null) return false;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, to) { Content = new ByteArrayContent(news.Body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Add(WebhookSignature.Header, WebhookSignature.Sign(news.Body, payments.Value.WebhookSecret, clock.GetUtcNow()));
            using var answer = await _http.SendAsync(request, ct);
            return answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.NotFound;   // 404: nobody there wants news
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }

    private sealed record News(string Type, byte[] Body, DateTimeOffset Due);
}

internal static partial class SimulatorLog
{
    [LoggerMessage(EventId = 4202, Level = LogLevel.Warning, Message = "Payment simulator: nobody took the news {Type}")]
    public static partial void NotTold(this ILogger logger, string type);
}
