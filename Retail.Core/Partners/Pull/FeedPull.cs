using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics.Calls;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Pull;

/// <summary>The client with which feeds and pictures are fetched from others' addresses.</summary>
public sealed class FeedClient : IDisposable
{
    private readonly HttpClient _client;

    /// <summary>Makes it.</summary>
    public FeedClient(IOptions<PartnersOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _client = new HttpClient(PublicAddresses.Handler(options.Value.AllowPrivateAddresses)) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("Retail-Feeds/1.0");
    }

    /// <summary>Sends a request and answers as soon as the headers are there.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct) => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}

/// <summary>Fetches partners' feeds from where they lie, when there is something new.</summary>
public sealed class FeedPull(RetailDbContext db, FeedClient client, FeedContents contents, FeedRunService runs, IOptions<PartnersOptions> options, TimeProvider clock, ILogger<FeedPull> logger)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>Asks a partner's source; what came of it is noted with the partner. Never throws for what the source does wrong.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<FeedReceipt?>> PullAsync(Guid partnerId, CancellationToken ct)
    {
        if (await db.Partners.AsNoTracking().SingleOrDefaultAsync(p => p.Id == partnerId, ct) is not { } partner) return PartnerErrors.Unknown;
        if (!partner.IsActive) return PartnerErrors.NotActive;
        if (partner.Source.Length == 0) return new ServiceError(Refusal.Conflict, "no_source", "Set the address or folder that the feed is fetched from first.");
        var next = partner.Schedule switch
        {
            FeedSchedule.Manual => (DateTimeOffset?)null,
            FeedSchedule.Hourly => clock.GetUtcNow().AddHours(1),
            FeedSchedule.Daily => clock.GetUtcNow().AddDays(1),
            _ => throw new InvalidOperationException($"{partner.Schedule} is no schedule."),
        };
        // First, so that a source that hangs is not asked again by the next worker.
        await db.Partners.Where(p => p.Id == partnerId).ExecuteUpdateAsync(p => p.SetProperty(x => x.NextPullAt, next).SetProperty(x => x.PulledAt, clock.GetUtcNow()), ct);
        var pulled = await TryAsync(partner, ct);
        var note = pulled.Error is { } refusal ? refusal.Message : pulled.Value is null ? "Nothing new." : pulled.Value.IsReplay ? "The same content as last time." : "A new feed.";
        await db.Partners.Where(p => p.Id == partnerId).ExecuteUpdateAsync(p => p.SetProperty(x => x.PullNote, note), CancellationToken.None);
        if (pulled.Error is { } why) logger.PullFailed(partner.Name, why.Message);
        return pulled;
    }

    private async Task<ServiceResult<FeedReceipt?>> TryAsync(Partner partner, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.Value.PullTimeout);
        try
        {
            return partner.Source.Contains("://", StringComparison.Ordinal) ? await FromAddressAsync(partner, patience.Token) : await FromFolderAsync(partner, patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Failed($"The source took longer than {options.Value.PullTimeout}.");
        }
        catch (HttpRequestException e) when (e.InnerException is PrivateAddressException refused)
        {
            return Failed(refused.Message);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            return Failed($"The source can\u2019t be read: {e.Message}");
        }
    }

    private async Task<ServiceResult<FeedReceipt?>> FromAddressAsync(Partner partner, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, partner.Source);
        // Asked for anew when what was agreed on has changed: the same file then means something else.
        var knows = partner.PulledAt is { } at && partner.UpdatedAt <= at;
        if (knows && EntityTagHeaderValue.TryParse(partner.PullTag, out var tag)) request.Headers.IfNoneMatch.Add(tag);
        if (knows) request.Headers.IfModifiedSince = partner.PullModifiedAt;
        using var answer = await client.SendAsync(request, ct);
        if (answer.StatusCode == HttpStatusCode.NotModified) return (FeedReceipt?)null;
        if (!answer.IsSuccessStatusCode) return Failed($"The source answers {(int)answer.StatusCode}.");
        if (answer.Content.Headers.ContentLength > options.Value.MaxFileBytes) return contents.TooLarge();
        await using var body = await answer.Content.ReadAsStreamAsync(ct);
        var newTag = answer.Headers.ETag?.ToString();
        return await TakeAsync(partner, body, FeedOrigin.Address, answer.RequestMessage?.RequestUri?.Host ?? "", newTag?.Length <= 300 ? newTag : null, answer.Content.Headers.LastModified, ct);
    }

    private async Task<ServiceResult<FeedReceipt?>> FromFolderAsync(Partner partner, CancellationToken ct)
    {
        if (options.Value.Folder.Length == 0) return Failed("Feeds are not fetched from folders: the setting Partners:Folder is empty.");
        var folder = new DirectoryInfo(Path.Combine(options.Value.Folder, partner.Source));
        if (!folder.Exists) return Failed($"There is no folder {partner.Source}.");
        // The newest one; a file that was just touched may still be written, and a link may lead anywhere.
        var quietSince = clock.GetUtcNow() - Quiet;
        var newest = folder.EnumerateFiles().Where(f => f is { LinkTarget: null, Name: not ['.', ..] } && !f.Name.EndsWith(".part", StringComparison.OrdinalIgnoreCase) && f.LastWriteTimeUtc <= quietSince)
            .OrderByDescending(f => f.LastWriteTimeUtc).ThenByDescending(f => f.Name, StringComparer.Ordinal).FirstOrDefault();
        if (newest is null) return (FeedReceipt?)null;
        var tag = string.Create(CultureInfo.InvariantCulture, $"{newest.Name[..Math.Min(newest.Name.Length, 200)]}|{newest.Length}|{newest.LastWriteTimeUtc.Ticks}");
        if (tag == partner.PullTag && partner.UpdatedAt <= partner.PulledAt) return (FeedReceipt?)null;
        await using var file = newest.OpenRead();
        return await TakeAsync(partner, file, FeedOrigin.Folder, newest.Name, tag, null, ct);
    }

    private async Task<ServiceResult<FeedReceipt?>> TakeAsync(Partner partner, Stream body, FeedOrigin origin, string from, string? tag, DateTimeOffset? modifiedAt, CancellationToken ct)
    {
        var stored = await contents.StoreAsync(body, ct);
        if (stored.Error is { } refusal) return refusal;
        logger.Pulled(partner.Name, stored.Value.Bytes);
        var received = await runs.ReceiveAsync(partner.Id, stored.Value, new(origin, from), ct);
        if (received.Error is { } refused) return refused;
        // Only now: had it not been taken in, it would be asked for again.
        await db.Partners.Where(p => p.Id == partner.Id).ExecuteUpdateAsync(p => p.SetProperty(x => x.PullTag, tag).SetProperty(x => x.PullModifiedAt, modifiedAt), ct);
        return received.Value;
    }

    private static ServiceError Failed(string why) => new(Refusal.Unavailable, "source_failed", why);
}
