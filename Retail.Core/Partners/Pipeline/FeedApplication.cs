using Microsoft.EntityFrameworkCore;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Inventory;
using Retail.Core.Inventory.Seeding;

namespace Retail.Core.Partners.Pipeline;

/// <summary>
/// Brings a run's changes into the shop, some products at a time, each batch with its progress in one transaction: whatever dies when,
/// a product is changed wholly or not at all, and the next try goes on behind the last batch.
/// </summary>
public sealed class FeedApplication(RetailDbContext db, NpgsqlDataSource database, ProductBatch products, TimeProvider clock)
{
    private const int BatchRows = 500;
    private const int WithdrawnAtOnce = 1_000;

    private const string KeepItems = """
        INSERT INTO partner_items (partner_id, external_id, variant_id, picture)
        SELECT $1, * FROM unnest($2, $3, $4) ON CONFLICT (partner_id, external_id)
        DO UPDATE SET variant_id = excluded.variant_id, picture = excluded.picture, withdrawn_at = NULL
        """;

    private const string Analyze = "ANALYZE partner_items, products, variants, stock_items";

    private const string MissingSql = """
        SELECT i.variant_id FROM partner_items i WHERE i.partner_id = $1 AND i.withdrawn_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM feed_rows r WHERE r.run_id = $2 AND r.external_id = i.external_id) LIMIT $3
        """;

    /// <summary>Makes and changes products, from where the run stands to its end.</summary>
    /// <param name="partner">Whose.</param>
    /// <param name="runId">The run.</param>
    /// <param name="appliedTo">The product that was the last one in an earlier try; empty for none.</param>
    /// <param name="afterBatch">Called after each commit.</param>
    /// <param name="ct">Stops the work between two batches' commits; what is done stays.</param>
    public async Task ChangeAsync(Partner partner, Guid runId, string appliedTo, Action afterBatch, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(partner);
        ArgumentNullException.ThrowIfNull(afterBatch);
        var stage = new FeedStage(database, runId);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await db.Database.OpenConnectionAsync(ct);
        var (batches, tell) = (0, 2);
        while (true)
        {
            var page = await stage.PageAsync(connection, appliedTo, BatchRows, onlyChanges: true, ct);
            if (page.Count == 0) break;
            appliedTo = page[^1][0].Item.ProductKey;
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            await WriteAsync(partner, runId, page, connection, ct);
            await ExecuteAsync(connection, "UPDATE feed_runs SET applied_to = $2 WHERE id = $1", ct, runId, appliedTo);
            await transaction.CommitAsync(ct);
            afterBatch();
            batches++;
            // A plan made for small tables would be kept while they grow: 2, 8, 32, ... batches.
            if (batches != tell) continue;
            await ExecuteAsync(connection, Analyze, ct);
            tell *= 4;
        }
        // The next run compares with what this one brought.
        if (batches > 1) await ExecuteAsync(connection, Analyze, ct);
    }

    /// <summary>Takes off sale what the feed no longer has.</summary>
    public async Task WithdrawAsync(Partner partner, Guid runId, Action afterBatch, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(partner);
        ArgumentNullException.ThrowIfNull(afterBatch);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await db.Database.OpenConnectionAsync(ct);
        while (true)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var variants = await ReadIdsAsync(connection, MissingSql, ct, partner.Id, runId, WithdrawnAtOnce);
            if (variants.Length == 0) return;
            await products.RetireAsync(variants, ct);
            await ExecuteAsync(connection, "UPDATE partner_items SET withdrawn_at = $2 WHERE variant_id = ANY($1)", ct, variants, clock.GetUtcNow());
            await transaction.CommitAsync(ct);
            afterBatch();
        }
    }

    private async Task WriteAsync(Partner partner, Guid runId, IReadOnlyList<IReadOnlyList<StagedItem>> page, NpgsqlConnection connection, CancellationToken ct)
    {
        List<StagedItem> rows = [.. page.SelectMany(p => p)];
        // Stock first, as the order intake does; then the prices that are compared can't change either.
        var known = await ReadIdsAsync(connection, "SELECT variant_id FROM partner_items WHERE partner_id = $1 AND external_id = ANY($2)", ct, partner.Id, rows.Select(r => r.Item.Id).ToArray());
        await products.LockStockAsync(known, ct);
        var shop = await FeedShop.LoadAsync(connection, partner, rows, ct);
        var (now, note) = (clock.GetUtcNow(), $"feed of {partner.Name}");
        var plans = page.Select(p => FeedPlan.Of(partner, p, shop)).Where(p => p.HasWork).Select(p => new Work(p, now)).ToList();

        await products.AddAsync([.. plans.Where(w => w.Plan.There is null).Select(w => w.ToNewProduct(partner))], note, ct);
        await products.ChangeAsync([.. plans.Where(w => w.Plan.There is not null && w.Plan.ProductChanges).Select(w => w.ToChange())], ct);
        await products.ChangeAsync([.. plans.SelectMany(w => w.Variants.Where(v => v.Planned.RowChanges(w.ProductId)).Select(v => v.ToChange(w.ProductId)))], ct);
        await products.AddVariantsAsync([.. plans.SelectMany(w => w.Variants.Where(v => v.Planned.There is null).Select(v => (w.ProductId, v.ToNew(partner), v.Planned.Position)))], note, ct);
        await products.SetStockAsync([.. plans.SelectMany(w => w.Variants).Where(v => v.Planned.StockChanges).Select(v => (v.Id, v.Planned.OnHand))], note, ct);
        await products.RetireAsync([.. plans.SelectMany(w => w.Plan.Retired)], ct);
        var items = plans.SelectMany(w => w.Variants.Where(v => v.Planned.There is null || v.Planned.RowChanges(w.ProductId))).ToList();
        await ExecuteAsync(connection, KeepItems, ct, partner.Id, items.Select(i => i.Planned.Row.Item.Id).ToArray(), items.Select(i => i.Id).ToArray(), items.Select(i => i.Planned.Picture).ToArray());
        List<Work> otherPictures = [.. plans.Where(w => w.Plan.There is null || !w.Plan.There.Pictures.SequenceEqual(w.Plan.Pictures))];
        await WritePicturesAsync(connection, otherPictures, now, ct);
        await products.TrimPicturesAsync([.. otherPictures.Where(w => w.Plan.There is not null).Select(w => (w.ProductId, w.Plan.Pictures.Count))], ct);
    }

    private static async Task WritePicturesAsync(NpgsqlConnection connection, List<Work> works, DateTimeOffset now, CancellationToken ct)
    {
        if (works.Count == 0) return;
        var wanted = works.SelectMany(w => w.Plan.Pictures.Select((address, i) => (w.ProductId, Position: i, Address: address))).ToList();
        await ExecuteAsync(connection, "DELETE FROM partner_pictures WHERE product_id = ANY($1)", ct, works.Where(w => w.Plan.There is not null).Select(w => w.ProductId).ToArray());
        await ExecuteAsync(connection, "INSERT INTO partner_pictures (product_id, position, address, due_at, tries) SELECT t.*, $4, 0 FROM unnest($1, $2, $3) t", ct,
            wanted.Select(p => p.ProductId).ToArray(), wanted.Select(p => p.Position).ToArray(), wanted.Select(p => p.Address).ToArray(), now);
    }

    private static async Task<Guid[]> ReadIdsAsync(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(ct)) ids.Add(reader.GetGuid(0));
        return [.. ids];
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>A plan with the keys of what it makes.</summary>
    private sealed class Work(FeedPlan plan, DateTimeOffset now)
    {
        public FeedPlan Plan => plan;

        public Guid ProductId { get; } = plan.There?.Id ?? Guid.CreateVersion7(now);

        public List<VariantWork> Variants { get; } = [.. plan.Variants.Select(v => new VariantWork(v, v.There?.Id ?? Guid.CreateVersion7(now)))];

        public NewProduct ToNewProduct(Partner partner) => new()
        {
            Id = ProductId,
            Slug = Slug.Of(plan.First!.Title),
            Name = plan.First.Title,
            Brand = plan.First.Brand,
            CategoryId = plan.First.CategoryId,
            Description = plan.First.Description,
            DescriptionIsHtml = plan.First.IsHtml,
            Attributes = plan.Facts,
            OptionNames = [.. plan.OptionNames],
            ExternalId = FeedShop.ExternalId(partner.Id, plan.Key),
            PartnerId = partner.Id,
            DrillId = partner.DrillId,
            PublishedAt = now,
            Variants = [],
        };

        public ProductChange ToChange() => new(ProductId, plan.First!.Title, plan.First.Brand, plan.First.CategoryId, plan.First.Description, plan.First.IsHtml, plan.Facts, plan.OptionNames);
    }

    private sealed record VariantWork(PlannedVariant Planned, Guid Id)
    {
        public NewVariant ToNew(Partner partner) =>
            new(Id, FeedPlan.SkuOf(partner, Planned.Row.Item.Id), Planned.Row.Item.Gtin, [.. Planned.Options], Planned.Price, Planned.CompareAt, null, Planned.OnHand);

        public VariantChange ToChange(Guid productId) => new(Id, productId, Planned.Row.Item.Gtin, Planned.Options, Planned.Price, Planned.CompareAt, Planned.Position);
    }
}
