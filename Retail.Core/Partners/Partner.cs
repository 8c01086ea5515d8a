using Retail.Core.Common;
using Retail.Core.Metrics;

namespace Retail.Core.Partners;

/// <summary>How often a partner's feed is fetched.</summary>
public enum FeedSchedule
{
    /// <summary>Only when it is sent, or somebody asks.</summary>
    Manual,

    /// <summary>Each hour.</summary>
    Hourly,

    /// <summary>Each day.</summary>
    Daily,
}

/// <summary>Somebody whose goods the shop sells, as their feed tells of them. A feed changes the partner's own products and no others.</summary>
public sealed class Partner
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 80;

    /// <summary>The longest code, in characters.</summary>
    public const int MaxCodeLength = 12;

    /// <summary>The share of products, in percent, past which a run waits for an admin, when nothing else is set.</summary>
    public const int DefaultSafetyPercent = 30;

    /// <summary>Key.</summary>
    public Guid Id { get; init; }

    /// <summary>The drill that made this partner up, as its contact's address tells: its products are seen by no shopper, and it is in no list.</summary>
    public Guid? DrillId => DrillScope.OfAddress(Contact);

    /// <summary>What admins read; unique.</summary>
    public required string Name { get; set; }

    /// <summary>Begins the SKU of each of the partner's variants; capital letters and digits, unique, never changed.</summary>
    public required string Code { get; init; }

    /// <summary>Whom to write to when a feed is broken; may be empty.</summary>
    public string Contact { get; set; } = "";

    /// <summary>Key of the format that the feed is in, see <see cref="Formats.IFeedFormat.Key"/>.</summary>
    public required string Format { get; set; }

    /// <summary>How often the feed is fetched.</summary>
    public FeedSchedule Schedule { get; set; }

    /// <summary>Where it is fetched: an http or https address, or a folder below the setting Partners:Folder; empty for nowhere.</summary>
    public string Source { get; set; } = "";

    /// <summary>ISO 4217 code of the feed's prices.</summary>
    public required string Currency { get; set; }

    /// <summary>What becomes of the feed's prices.</summary>
    public PriceRule PriceRule { get; set; } = PriceRule.AsIs;

    /// <summary>The feed changes prices; otherwise it only sets those of new products.</summary>
    public bool MayChangePrice { get; set; } = true;

    /// <summary>The feed changes the stock; otherwise it only sets that of new products.</summary>
    public bool MayChangeStock { get; set; } = true;

    /// <summary>The feed brings new products.</summary>
    public bool MayAddProducts { get; set; } = true;

    /// <summary>The shelf for rows whose category is not mapped; null: such rows are rejected.</summary>
    public Guid? CategoryId { get; set; }

    /// <summary>Units of a new product whose row only says that it is in stock, or nothing.</summary>
    public int DefaultStock { get; set; } = 10;

    /// <summary>A run that would change the price of, or take away, more than this share of the partner's products waits for an admin; percent, 1 to 100.</summary>
    public int SafetyPercent { get; set; } = DefaultSafetyPercent;

    /// <summary>Feeds are taken; otherwise the key is refused and nothing is fetched. The products stay.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>What the source said of the content that was fetched last: an ETag, or a file's name and time.</summary>
    public string? PullTag { get; private set; }

    /// <summary>When that content was changed, as its source said.</summary>
    public DateTimeOffset? PullModifiedAt { get; private set; }

    /// <summary>When the source was asked last, UTC.</summary>
    public DateTimeOffset? PulledAt { get; private set; }

    /// <summary>What came of it, for admins.</summary>
    public string? PullNote { get; private set; }

    /// <summary>When it is asked next, UTC; null: when somebody asks for it.</summary>
    public DateTimeOffset? NextPullAt { get; set; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Last change by an admin, UTC; forms carry it, so that nobody overwrites another one's change unseen.</summary>
    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A key with which a partner's programs send feeds. Only its hash is stored.</summary>
public sealed class PartnerKey
{
    /// <summary>Key of the row.</summary>
    public Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public Guid PartnerId { get; init; }

    /// <summary>SHA-256 of the key, in hexadecimal.</summary>
    public required string Hash { get; init; }

    /// <summary>Its first characters, to tell keys apart.</summary>
    public required string Prefix { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it stops working because another took its place, UTC; null: it goes on.</summary>
    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>When an admin took it away, UTC.</summary>
    public DateTimeOffset? RevokedAt { get; private init; }

    /// <summary>When it was used last, UTC; to the minute.</summary>
    public DateTimeOffset? UsedAt { get; private init; }

    /// <summary>It opens the door at a moment.</summary>
    public bool WorksAt(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);
}

/// <summary>A category as a partner's feeds name it, and the shelf on which its products stand.</summary>
public sealed class PartnerCategory
{
    /// <summary>Whose feed.</summary>
    public Guid PartnerId { get; init; }

    /// <summary>As the feed writes it.</summary>
    public required string Source { get; init; }

    /// <summary>The shelf; null: not mapped.</summary>
    public Guid? CategoryId { get; set; }

    /// <summary>Rows in the latest run that named it.</summary>
    public int Rows { get; init; }
}

/// <summary>Which variant of the shop a partner's row is about.</summary>
public sealed class PartnerItem
{
    /// <summary>Whose.</summary>
    public Guid PartnerId { get; init; }

    /// <summary>The partner's own id of it.</summary>
    public required string ExternalId { get; init; }

    /// <summary>The shop's variant.</summary>
    public Guid VariantId { get; init; }

    /// <summary>When the feed no longer had it, UTC; null while it has.</summary>
    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>The address of the picture that shows it; null for the product's first.</summary>
    public string? Picture { get; init; }
}

/// <summary>A picture that a feed names; fetched after the run.</summary>
public sealed class PartnerPicture
{
    /// <summary>The product.</summary>
    public Guid ProductId { get; init; }

    /// <summary>Order in the gallery.</summary>
    public int Position { get; init; }

    /// <summary>Where it lies.</summary>
    public required string Address { get; init; }

    /// <summary>Not to be fetched before, UTC; null: it was fetched, or given up.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>How often that was tried.</summary>
    public int Tries { get; init; }

    /// <summary>Why it could not be fetched; null when it was.</summary>
    public string? Error { get; init; }
}
