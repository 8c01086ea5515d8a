using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics.Calls;
using Retail.Core.Partners.Formats;

namespace Retail.Core.Partners;

/// <summary>A partner as an admin wants it to be.</summary>
public sealed record PartnerDraft
{
    /// <summary>The partner to change; null for a new one.</summary>
    public Guid? Id { get; init; }

    /// <summary>The <see cref="Partner.UpdatedAt"/> that the form showed; null: no check.</summary>
    public DateTimeOffset? Seen { get; init; }

    /// <inheritdoc cref="Partner.Name"/>
    public required string Name { get; init; }

    /// <summary>Only read for a new partner.</summary>
    public string Code { get; init; } = "";

    /// <inheritdoc cref="Partner.Contact"/>
    public string Contact { get; init; } = "";

    /// <inheritdoc cref="Partner.Format"/>
    public required string Format { get; init; }

    /// <inheritdoc cref="Partner.Schedule"/>
    public FeedSchedule Schedule { get; init; }

    /// <inheritdoc cref="Partner.Source"/>
    public string Source { get; init; } = "";

    /// <inheritdoc cref="Partner.Currency"/>
    public required string Currency { get; init; }

    /// <inheritdoc cref="Partner.PriceRule"/>
    public PriceRule PriceRule { get; init; } = PriceRule.AsIs;

    /// <inheritdoc cref="Partner.MayChangePrice"/>
    public bool MayChangePrice { get; init; } = true;

    /// <inheritdoc cref="Partner.MayChangeStock"/>
    public bool MayChangeStock { get; init; } = true;

    /// <inheritdoc cref="Partner.MayAddProducts"/>
    public bool MayAddProducts { get; init; } = true;

    /// <inheritdoc cref="Partner.CategoryId"/>
    public Guid? CategoryId { get; init; }

    /// <inheritdoc cref="Partner.DefaultStock"/>
    public int DefaultStock { get; init; } = 10;

    /// <inheritdoc cref="Partner.SafetyPercent"/>
    public int SafetyPercent { get; init; } = Partner.DefaultSafetyPercent;

    /// <inheritdoc cref="Partner.IsActive"/>
    public bool IsActive { get; init; } = true;
}

/// <summary>Makes and changes partners and what their categories mean.</summary>
public sealed partial class PartnerService(RetailDbContext db, FeedFormats formats, IOptions<StoreOptions> store, TimeProvider clock)
{
    /// <summary>Makes or changes a partner.</summary>
    /// <returns>Its key.</returns>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<Guid>> SaveAsync(PartnerDraft draft, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (FirstProblem(draft) is { } problem) return problem;
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var now = clock.GetUtcNow();
        if (draft.Id is { } locked) await db.Database.ExecuteSqlAsync($"SELECT 1 FROM partners WHERE id = {locked} FOR NO KEY UPDATE", ct);
        var partner = draft.Id is { } id ? await db.Partners.SingleOrDefaultAsync(p => p.Id == id, ct)
            : db.Partners.Add(new Partner { Id = Guid.CreateVersion7(now), Name = "", Code = draft.Code.Trim(), Format = "", Currency = "", CreatedAt = now }).Entity;
        if (partner is null) return PartnerErrors.Unknown;
        if (draft.Id is not null && draft.Seen is { } seen && seen != partner.UpdatedAt) return PartnerErrors.ChangedMeanwhile;
        var pullsOther = partner.Source != draft.Source.Trim() || partner.Schedule != draft.Schedule;
        (partner.Name, partner.Contact, partner.Format) = (draft.Name.Trim(), draft.Contact.Trim(), draft.Format);
        (partner.Schedule, partner.Source, partner.Currency, partner.PriceRule) = (draft.Schedule, draft.Source.Trim(), draft.Currency, draft.PriceRule);
        (partner.MayChangePrice, partner.MayChangeStock, partner.MayAddProducts) = (draft.MayChangePrice, draft.MayChangeStock, draft.MayAddProducts);
        (partner.CategoryId, partner.DefaultStock, partner.SafetyPercent, partner.IsActive) = (draft.CategoryId, draft.DefaultStock, draft.SafetyPercent, draft.IsActive);
        // From now on, beginning with the next look at who is due.
        if (pullsOther) partner.NextPullAt = partner.Schedule == FeedSchedule.Manual ? null : now;
        partner.UpdatedAt = now;
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: var index })
        {
            return index == "ix_partners_code" ? Bad("code_taken", $"Another partner has the code {partner.Code}. Choose another one.", "Code") : Bad("name_taken", "Another partner has this name. Choose another one.", "Name");
        }
        await transaction.CommitAsync(ct);
        return partner.Id;
    }

    /// <summary>Says on which shelves the products of a partner's categories stand; takes effect with the next feed.</summary>
    /// <param name="partnerId">Whose categories.</param>
    /// <param name="shelves">Categories as the feed writes them, and their shelves; null for none.</param>
    /// <param name="ct">Stops the work.</param>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> MapCategoriesAsync(Guid partnerId, IReadOnlyDictionary<string, Guid?> shelves, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(shelves);
        db.ChangeTracker.Clear();
        if (await db.Partners.SingleOrDefaultAsync(p => p.Id == partnerId, ct) is not { } partner) return PartnerErrors.Unknown;
        var known = (await db.Categories.Select(c => c.Id).ToListAsync(ct)).ToHashSet();
        foreach (var category in await db.PartnerCategories.Where(c => c.PartnerId == partnerId).ToListAsync(ct))
            if (shelves.TryGetValue(category.Source, out var shelf) && (shelf is null || known.Contains(shelf.Value))) category.CategoryId = shelf;
        // The same file means something else now: it is read anew when it comes again.
        partner.UpdatedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(ct);
        return ServiceResult.Done;
    }

    private ServiceError? FirstProblem(PartnerDraft draft)
    {
        if (draft.Name.Trim() is not { Length: > 0 and <= Partner.MaxNameLength }) return Bad("bad_name", $"Give the partner a name of up to {Partner.MaxNameLength} characters.", "Name");
        if (draft.Id is null && !Code().IsMatch(draft.Code.Trim())) return Bad("bad_code", $"Give the partner a code of 2 to {Partner.MaxCodeLength} capital letters and digits, such as ACME.", "Code");
        if (draft.Contact.Trim().Length > 200) return Bad("contact_too_long", "Shorten the contact to 200 characters.", "Contact");
        if (formats.Find(draft.Format) is null) return Bad("unknown_format", "Choose a format.", "Format");
        if (!Iso4217().IsMatch(draft.Currency)) return Bad("bad_currency", "Write the currency as three capital letters, such as USD.", "Currency");
        if (draft.PriceRule.ExchangeRate is <= 0 or > 1_000_000) return Bad("bad_exchange_rate", "Write an exchange rate above 0, at most 1,000,000.", "ExchangeRate");
        if (draft.Currency == store.Value.Currency && draft.PriceRule.ExchangeRate != 1) return Bad("bad_exchange_rate", $"Prices are in {draft.Currency} already: set the exchange rate to 1.", "ExchangeRate");
        if (draft.PriceRule.MarkUpPercent is <= -100 or > 1000) return Bad("bad_mark_up", "Write the mark-up as a number from -99 to 1000 percent.", "MarkUpPercent");
        if (draft.DefaultStock is < 0 or > Inventory.ProductRules.MaxStock) return Bad("bad_default_stock", $"Write the units as a number from 0 to {Inventory.ProductRules.MaxStock}.", "DefaultStock");
        if (draft.SafetyPercent is < 1 or > 100) return Bad("bad_safety", "Write the share as a number from 1 to 100 percent.", "SafetyPercent");
        return SourceProblem(draft.Source.Trim(), draft.Schedule);
    }

    private static ServiceError? SourceProblem(string source, FeedSchedule schedule)
    {
        if (source.Length == 0) return schedule == FeedSchedule.Manual ? null : Bad("missing_source", "Say where the feed is fetched, or choose the schedule Manual.", "Source");
        if (source.Length > 500) return Bad("source_too_long", "Shorten the address to 500 characters.", "Source");
        if (source.Contains("://", StringComparison.Ordinal))
            return Uri.TryCreate(source, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 ? null
                : Bad("bad_source", "Write an address that begins with http:// or https:// and holds no user name.", "Source");
        return FolderName().IsMatch(source) ? null : Bad("bad_source", "Write an address that begins with https://, or the name of a folder: letters, digits, hyphens.", "Source");
    }

    private static ServiceError Bad(string code, string message, string field) => new(Refusal.Invalid, code, message, field);

    [GeneratedRegex("^[A-Z0-9]{2,12}$")]
    private static partial Regex Code();

    [GeneratedRegex("^[A-Z]{3}$")]
    private static partial Regex Iso4217();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")]
    private static partial Regex FolderName();
}
