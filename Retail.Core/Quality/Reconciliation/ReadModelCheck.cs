using Npgsql;
using Retail.Core.Catalog;

namespace Retail.Core.Quality.Reconciliation;

/// <summary>What this node's pages show of a variant, beside what the database has. Pages show stock in steps, and only those are compared.</summary>
internal static class ReadModelCheck
{
    private const string Sql = """
        SELECT v.id, v.retired_at IS NULL AND p.status = 'Published', v.price_amount, coalesce(s.on_hand - s.reserved, 0)
        FROM variants v JOIN products p ON p.id = v.product_id LEFT JOIN stock_items s ON s.variant_id = v.id WHERE v.id = ANY($1)
        """;

    /// <summary>The books with what the pages show. A process that holds no catalogue shows nothing.</summary>
    public static VariantBooks Compare(VariantBooks books, CatalogModel catalog)
    {
        var snapshot = catalog.Snapshot;
        if (!catalog.IsWarm || !snapshot.IsWhole) return books;
        var shown = snapshot.Find(books.ProductId)?.FindVariant(books.VariantId);
        return books with
        {
            Shown = shown?.Available,
            Stale = Differs(shown, books.OnSale, books.Price, books.Stock is var (onHand, reserved) ? onHand - reserved : 0),
        };
    }

    /// <summary>Those that still differ after a moment, or that differ in the books besides.</summary>
    public static async Task<IReadOnlyList<VariantBooks>> AgainAsync(
        IReadOnlyList<VariantBooks> suspects, NpgsqlDataSource database, CatalogModel catalog, TimeProvider clock, TimeSpan moment, CancellationToken ct)
    {
        await Task.Delay(moment, clock, ct);
        var now = new Dictionary<Guid, string?>();
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. suspects.Select(s => s.VariantId)] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var products = suspects.ToDictionary(s => s.VariantId, s => s.ProductId);
        while (await reader.ReadAsync(ct))
        {
            var id = reader.GetGuid(0);
            now[id] = Differs(catalog.Snapshot.Find(products[id])?.FindVariant(id), reader.GetBoolean(1), reader.GetDecimal(2), reader.GetInt32(3));
        }
        return [.. suspects.Select(s => s with { Stale = now.GetValueOrDefault(s.VariantId) }).Where(s => s.Status != Severity.Ok)];
    }

    private static string? Differs(VariantCard? shown, bool onSale, decimal price, int available) =>
        !onSale ? shown is null ? null : "It is off sale, and this node's pages still show it."
        : shown is null ? "It is on sale, and this node's pages do not show it."
        : shown.Price != price ? $"Its price is {price}, and this node's pages say {shown.Price}."
        : StockStep.Of(shown.Available) != StockStep.Of(available) ? $"{available} can be sold, and this node's pages say {shown.Available}."
        : null;
}
