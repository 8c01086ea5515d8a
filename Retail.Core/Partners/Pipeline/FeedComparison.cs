using Npgsql;

namespace Retail.Core.Partners.Pipeline;

/// <summary>What a run would do to the shop.</summary>
internal sealed record FeedTotals
{
    public int New { get; set; }

    public int Changed { get; set; }

    public int Unchanged { get; set; }

    public int PriceChanges { get; set; }

    public int Missing { get; set; }

    public int OnSaleBefore { get; set; }

    /// <summary>Why an admin must look first; null when the run may go on.</summary>
    public string? ReasonToHold(int percent)
    {
        if (OnSaleBefore == 0) return null;
        if (PriceChanges * 100L > (long)OnSaleBefore * percent) return $"It would change the price of {PriceChanges} of {OnSaleBefore} variants, more than {percent} %.";
        return Missing * 100L > (long)OnSaleBefore * percent ? $"It would take {Missing} of {OnSaleBefore} variants off sale, more than {percent} %." : null;
    }
}

/// <summary>Compares a run's rows with the shop, page by page: which products are new, changed or unchanged, and what the feed no longer has.</summary>
internal sealed class FeedComparison(NpgsqlDataSource database, FeedStage stage, Partner partner)
{
    public const int PageRows = 2_000;

    private const string OnSaleSql = "SELECT count(*)::int FROM partner_items WHERE partner_id = $1 AND withdrawn_at IS NULL";

    private const string MissingSql = """
        SELECT count(*)::int FROM partner_items i WHERE i.partner_id = $1 AND i.withdrawn_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM feed_rows r WHERE r.run_id = $2 AND r.external_id = i.external_id)
        """;

    public async Task<FeedTotals> RunAsync(Guid runId, bool isComplete, Action afterPage, CancellationToken ct)
    {
        var totals = new FeedTotals();
        await using var connection = await database.OpenConnectionAsync(ct);
        for (var after = ""; ;)
        {
            var products = await stage.PageAsync(connection, after, PageRows, onlyChanges: false, ct);
            if (products.Count == 0) break;
            var shop = await FeedShop.LoadAsync(connection, partner, [.. products.SelectMany(p => p)], ct);
            var plans = products.Select(rows => FeedPlan.Of(partner, rows, shop)).ToList();
            foreach (var plan in plans) Count(plan, totals);
            await stage.RejectAsync(connection, [.. plans.SelectMany(p => p.Rejections)], ct);
            await stage.AddChangesAsync(connection, plans.Where(p => p.HasWork).Select(p => p.Key), ct);
            after = products[^1][0].Item.ProductKey;
            afterPage();
        }
        await stage.KnowAsync(FeedStage.Changes, ct);
        totals.OnSaleBefore = await CountAsync(connection, OnSaleSql, ct, partner.Id);
        // A file that breaks off says nothing of what would have come after.
        if (isComplete) totals.Missing = await CountAsync(connection, MissingSql, ct, partner.Id, runId);
        return totals;
    }

    private static void Count(FeedPlan plan, FeedTotals totals)
    {
        foreach (var variant in plan.Variants)
        {
            if (variant.There is null) totals.New++;
            else if (plan.There is null || plan.ProductChanges || variant.StockChanges || variant.RowChanges(plan.There.Id)) totals.Changed++;
            else totals.Unchanged++;
            if (variant is { PriceChanges: true, There.IsRetired: false }) totals.PriceChanges++;
        }
    }

    private static async Task<int> CountAsync(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return (int)(await command.ExecuteScalarAsync(ct))!;
    }
}
