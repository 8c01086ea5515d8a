using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners;

/// <summary>A partner in the admin's list.</summary>
/// <param name="Id">Key.</param>
/// <param name="Name">What people read.</param>
/// <param name="Code">Begins its SKUs.</param>
/// <param name="Format">Key of its format.</param>
/// <param name="Schedule">How often it is fetched.</param>
/// <param name="IsActive">Feeds are taken.</param>
/// <param name="OnSale">Variants that its feed has now.</param>
/// <param name="LastRun">Key of its latest run.</param>
/// <param name="LastStatus">Where that stands.</param>
/// <param name="LastAt">When it came.</param>
public sealed record PartnerRow(Guid Id, string Name, string Code, string Format, FeedSchedule Schedule, bool IsActive, int OnSale, Guid? LastRun, FeedRunStatus? LastStatus, DateTimeOffset? LastAt);

/// <summary>All about a partner, for its page.</summary>
public sealed record PartnerView(Partner Partner, IReadOnlyList<PartnerKey> Keys, IReadOnlyList<PartnerCategory> Categories, int OnSale);

/// <summary>Reads partners, for admins.</summary>
public sealed class PartnerQueries(RetailDbContext db)
{
    /// <summary>Rows on a page.</summary>
    public const int PageSize = 25;

    // A drill's partner is gone in a minute or two.
    private IQueryable<Partner> Real => db.Partners.Where(p => !p.Contact.EndsWith("." + DrillScope.MailDomain));

    /// <summary>A page of the partners that fit, by name.</summary>
    public async Task<PageOf<PartnerRow>> ListAsync(string search, int page, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(search);
        var partners = Real;
        if (search.Trim() is { Length: > 0 } words)
        {
            var pattern = Like.Containing(words);
            partners = partners.Where(p => EF.Functions.ILike(p.Name, pattern) || EF.Functions.ILike(p.Code, pattern) || EF.Functions.ILike(p.Contact, pattern));
        }
        var total = await partners.CountAsync(ct);
        page = Math.Clamp(page, 1, Math.Max(1, (total + PageSize - 1) / PageSize));
        var rows = await partners.OrderBy(p => p.Name).ThenBy(p => p.Id).Skip((page - 1) * PageSize).Take(PageSize)
            .Select(p => new
            {
                p.Id,
                p.Name,
                p.Code,
                p.Format,
                p.Schedule,
                p.IsActive,
                OnSale = db.PartnerItems.Count(i => i.PartnerId == p.Id && i.WithdrawnAt == null),
                Last = db.FeedRuns.Where(r => r.PartnerId == p.Id).OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).Select(r => new { r.Id, r.Status, r.CreatedAt }).FirstOrDefault(),
            }).ToListAsync(ct);
        return new([.. rows.Select(r => new PartnerRow(r.Id, r.Name, r.Code, r.Format, r.Schedule, r.IsActive, r.OnSale, r.Last?.Id, r.Last?.Status, r.Last?.CreatedAt))], page, PageSize, total);
    }

    /// <summary>Names to choose from.</summary>
    public async Task<IReadOnlyList<(Guid Id, string Name)>> NamesAsync(CancellationToken ct) =>
        [.. (await Real.OrderBy(p => p.Name).Select(p => new { p.Id, p.Name }).ToListAsync(ct)).Select(p => (p.Id, p.Name))];

    /// <summary>A partner, or null.</summary>
    public async Task<PartnerView?> FindAsync(Guid id, CancellationToken ct)
    {
        if (await db.Partners.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, ct) is not { } partner) return null;
        return new(partner,
            await db.PartnerKeys.AsNoTracking().Where(k => k.PartnerId == id).OrderByDescending(k => k.CreatedAt).Take(20).ToListAsync(ct),
            await db.PartnerCategories.AsNoTracking().Where(c => c.PartnerId == id).OrderByDescending(c => c.Rows).ThenBy(c => c.Source).Take(200).ToListAsync(ct),
            await db.PartnerItems.CountAsync(i => i.PartnerId == id && i.WithdrawnAt == null, ct));
    }
}
