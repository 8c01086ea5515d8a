using Retail.Core.Catalog;
using Retail.Core.Inventory;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Pipeline;

/// <summary>A taken row on its way into the shop.</summary>
internal sealed record StagedItem(int Number, int Line, FeedItem Item);

/// <summary>A product of the partner as the shop has it.</summary>
internal sealed record ShopProduct(
    Guid Id, string Name, string Brand, Guid CategoryId, string Description, bool IsHtml, IReadOnlyList<ProductAttribute> Facts, IReadOnlyList<string> OptionNames, IReadOnlyList<string> Pictures);

/// <summary>A variant of the partner as the shop has it.</summary>
internal sealed record ShopVariant(
    Guid Id, Guid ProductId, string ExternalId, string? Gtin, IReadOnlyList<string> Options, decimal Price, decimal? CompareAt, int Position, bool IsRetired, int OnHand, int Reserved, string? Picture);

/// <summary>A row that turned out not to fit beside others.</summary>
internal sealed record LateRejection(StagedItem Row, string Code, string Field, string Message);

/// <summary>What becomes of one row: a new variant, or one that is there and may have to change.</summary>
internal sealed record PlannedVariant(StagedItem Row, ShopVariant? There, IReadOnlyList<string> Options, decimal Price, decimal? CompareAt, int OnHand, int Position)
{
    public string? Picture => Row.Item.Pictures.Count > 0 ? Row.Item.Pictures[0] : null;

    public bool PriceChanges => There is not null && There.Price != Price;

    public bool StockChanges => There is not null && There.OnHand != OnHand;

    public bool RowChanges(Guid productId) => There is { } was && (was.IsRetired || was.ProductId != productId || was.Gtin != Row.Item.Gtin || !was.Options.SequenceEqual(Options)
        || was.Price != Price || was.CompareAt != CompareAt || was.Position != Position || was.Picture != Picture);
}

/// <summary>
/// What a product of a feed means for the shop: the same plan is made to compare and to apply. Rows of an item group become one
/// product; its options are those in which the rows differ.
/// </summary>
internal sealed class FeedPlan
{
    private FeedPlan(string key, ShopProduct? there) => (Key, There) = (key, there);

    public string Key { get; }

    public ShopProduct? There { get; }

    public FeedItem? First => Variants.Count > 0 ? Variants[0].Row.Item : null;

    public IReadOnlyList<string> OptionNames { get; private set; } = [];

    public IReadOnlyList<ProductAttribute> Facts { get; private set; } = [];

    public IReadOnlyList<string> Pictures { get; private set; } = [];

    public List<PlannedVariant> Variants { get; } = [];

    /// <summary>Variants that are there, are not among the rows, and no longer fit the product's options.</summary>
    public List<Guid> Retired { get; } = [];

    public List<LateRejection> Rejections { get; } = [];

    public bool ProductChanges => There is { } was && First is { } now && (was.Name != now.Title || was.Brand != now.Brand || was.CategoryId != now.CategoryId
        || was.Description != now.Description || was.IsHtml != now.IsHtml || !was.Facts.SequenceEqual(Facts) || !was.OptionNames.SequenceEqual(OptionNames) || !was.Pictures.SequenceEqual(Pictures));

    /// <summary>Something must be written.</summary>
    public bool HasWork => Variants.Count > 0 && (There is null || ProductChanges || Retired.Count > 0 || Variants.Exists(v => v.There is null || v.StockChanges || v.RowChanges(There.Id)));

    /// <summary>Plans a product.</summary>
    /// <param name="partner">What was agreed on.</param>
    /// <param name="rows">Its rows, in the file's order.</param>
    /// <param name="shop">What the shop has of it.</param>
    public static FeedPlan Of(Partner partner, IReadOnlyList<StagedItem> rows, FeedShop shop)
    {
        var key = rows[0].Item.ProductKey;
        var plan = new FeedPlan(key, shop.Product(key));
        var left = plan.Admit(partner, rows, shop);
        left = plan.Arrange(left);
        for (var i = 0; i < left.Count; i++)
        {
            var (row, there) = (left[i], shop.Variant(left[i].Item.Id));
            var keepsPrice = there is not null && !partner.MayChangePrice;
            var options = plan.OptionNames.Select(name => ValueOf(row.Item, name)!).ToArray();
            plan.Variants.Add(new(row, there, options, keepsPrice ? there!.Price : row.Item.Price, keepsPrice ? there!.CompareAt : row.Item.CompareAt, OnHand(partner, row.Item, there), i));
        }
        if (plan.First is not { } first) return plan;
        plan.Facts = [.. first.Facts, .. first.Options.Where(o => !plan.OptionNames.Contains(o.Name))];
        plan.Pictures = [.. left.SelectMany(r => r.Item.Pictures).Distinct().Take(FeedRules.MaxPictures)];
        // A row of the file that can't be used keeps its variant as it is, unless the product's options are others now.
        var named = left.Select(r => r.Item.Id).ToHashSet();
        if (plan.There is { } product)
            plan.Retired.AddRange(shop.VariantsOf(product.Id).Where(v => !v.IsRetired && !named.Contains(v.ExternalId) && v.Options.Count != plan.OptionNames.Count).Select(v => v.Id));
        return plan;
    }

    private List<StagedItem> Admit(Partner partner, IReadOnlyList<StagedItem> rows, FeedShop shop)
    {
        var left = new List<StagedItem>();
        foreach (var row in rows)
        {
            var isNew = shop.Variant(row.Item.Id) is null;
            if (isNew && !partner.MayAddProducts) Reject(row, FeedCodes.NewNotAllowed, "id", "New products are not part of the agreement.");
            else if (isNew && shop.IsTaken(SkuOf(partner, row.Item.Id))) Reject(row, FeedCodes.SkuTaken, "id", $"Another product of the shop has the SKU {SkuOf(partner, row.Item.Id)}.");
            else left.Add(row);
        }
        return left;
    }

    private List<StagedItem> Arrange(List<StagedItem> rows)
    {
        // What the product has already is kept as long as it tells all rows apart: a link to a choice then lives.
        string[][] candidates = [[.. There?.OptionNames ?? []], Differing(rows)];
        foreach (var names in candidates)
        {
            if (!rows.TrueForAll(r => Array.TrueForAll(names, name => ValueOf(r.Item, name) is not null))) continue;
            if (rows.Select(r => Choice(r.Item, names)).Distinct(StringComparer.OrdinalIgnoreCase).Count() < rows.Count) continue;
            OptionNames = names;
            return rows;
        }
        OptionNames = candidates[^1];
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var left = new List<StagedItem>();
        foreach (var row in rows)
        {
            if (seen.TryAdd(Choice(row.Item, OptionNames), row.Line)) left.Add(row);
            else Reject(row, FeedCodes.DuplicateOptions, "item_group_id", OptionNames.Count == 0
                ? $"It differs in no option (colour, size, material, pattern) from the row of its item group in line {seen[""]}."
                : $"It has the same {string.Join(" and ", OptionNames)} as the row of its item group in line {seen[Choice(row.Item, OptionNames)]}.");
        }
        return left;
    }

    // Options that every row has, and in which they are not all alike.
    private static string[] Differing(List<StagedItem> rows) => rows.Count < 2 ? [] :
        [.. rows[0].Item.Options.Select(o => o.Name).Distinct().Where(name => rows.TrueForAll(r => ValueOf(r.Item, name) is not null))
            .Where(name => rows.Select(r => ValueOf(r.Item, name)).Distinct(StringComparer.OrdinalIgnoreCase).Count() > 1).Take(Product.MaxOptions)];

    private static int OnHand(Partner partner, FeedItem item, ShopVariant? there)
    {
        if (there is null) return item.Quantity ?? (item.InStock is false ? 0 : partner.DefaultStock);
        if (!partner.MayChangeStock) return there.OnHand;
        if (item.Quantity is { } units) return Math.Max(units, there.Reserved);
        // "In stock" says no number: some come back only when all are gone.
        return item.InStock is true && there.OnHand <= there.Reserved ? there.Reserved + partner.DefaultStock : there.OnHand;
    }

    /// <summary>The SKU of a partner's variant.</summary>
    public static string SkuOf(Partner partner, string externalId) => $"{partner.Code}-{externalId}";

    private void Reject(StagedItem row, string code, string field, string message) => Rejections.Add(new(row, code, field, message));

    private static string? ValueOf(FeedItem item, string option) => item.Options.FirstOrDefault(o => o.Name == option)?.Value;

    private static string Choice(FeedItem item, IReadOnlyList<string> names) => string.Join('\u001f', names.Select(name => ValueOf(item, name)));
}
