using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Pull;
using Retail.Core.Partners.Runs;

namespace Retail.Web.Areas.Admin.Pages.Partners;

/// <summary>Where admins hand feeds in.</summary>
public sealed class FeedDesk(FeedContents contents, FeedRunService runs, FeedPull pull, CategoryService categories, TimeProvider clock)
{
    private static readonly ServiceError NoFile = new(Refusal.Invalid, "feed_empty", "Choose a file that is not empty.");

    public DateTimeOffset Now => clock.GetUtcNow();

    public async Task<ServiceResult<FeedReceipt>> TakeAsync(Guid partnerId, IFormFile? file, string by, bool dryRun, CancellationToken ct)
    {
        if (file is not { Length: > 0 }) return NoFile;
        await using var stream = file.OpenReadStream();
        var stored = await contents.StoreAsync(stream, ct);
        return stored.Error is { } refusal ? refusal : await runs.ReceiveAsync(partnerId, stored.Value, new(FeedOrigin.Admin, by, dryRun), ct);
    }

    public Task<ServiceResult<FeedReceipt?>> PullAsync(Guid partnerId, CancellationToken ct) => pull.PullAsync(partnerId, ct);

    /// <summary>Categories to choose from.</summary>
    public async Task<IReadOnlyList<(string Value, string Text)>> ShelvesAsync(CancellationToken ct) => [.. (await categories.ListAsync(ct)).Select(c => (c.Id.ToString(), c.Name))];
}
