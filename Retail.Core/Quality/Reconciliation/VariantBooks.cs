using Npgsql;

namespace Retail.Core.Quality.Reconciliation;

/// <summary>What the books say of one variant at one moment, and whether they agree.</summary>
public sealed record VariantBooks
{
    /// <summary>The variant.</summary>
    public required Guid VariantId { get; init; }

    /// <summary>Its product.</summary>
    public required Guid ProductId { get; init; }

    /// <summary>Stock keeping unit.</summary>
    public required string Sku { get; init; }

    /// <summary>Shoppers can find it.</summary>
    public required bool OnSale { get; init; }

    /// <summary>Price of a unit.</summary>
    public required decimal Price { get; init; }

    /// <summary>The counter: units in the warehouse and those promised; null when the variant has no row.</summary>
    public required (int OnHand, int Reserved)? Stock { get; init; }

    /// <summary>Sums of the ledger's lines.</summary>
    public required (long OnHand, long Reserved) Ledger { get; init; }

    /// <summary>Units that came into the warehouse by the ledger, whatever left it for orders.</summary>
    public required long Supplied { get; init; }

    /// <summary>Units that left the warehouse for orders by the ledger.</summary>
    public required long LedgerSold { get; init; }

    /// <summary>Units in the lines of orders that wait for their payment.</summary>
    public required long OrdersPromised { get; init; }

    /// <summary>Units in the lines of orders that were paid, whatever became of them later.</summary>
    public required long OrdersSold { get; init; }

    /// <summary>Units that this node's pages offer; null when it holds no catalogue or the variant is not on sale.</summary>
    public int? Shown { get; init; }

    /// <summary>What this node's pages show that is not so; null when nothing.</summary>
    public string? Stale { get; init; }

    /// <summary>Units promised and sold beyond all that there ever was, recounted from order lines and the ledger alone.</summary>
    public long Oversold => Math.Max(0, OrdersPromised + OrdersSold - Supplied);

    /// <summary>The variant's state.</summary>
    public Severity Status => Differences().Any() ? Severity.Critical : Stale is not null ? Severity.Warning : Severity.Ok;

    /// <summary>What does not agree, in words with figures; empty when all does.</summary>
    public string Words => string.Join(" ", Differences().Concat(Stale is null ? [] : [Stale]));

    private IEnumerable<string> Differences()
    {
        if (Oversold > 0) yield return $"{Oversold} oversold: orders hold {OrdersPromised + OrdersSold}, there ever were {Supplied}.";
        if (Stock is not var (onHand, reserved))
        {
            yield return "It has no stock row.";
            yield break;
        }
        if (reserved < 0 || onHand < reserved) yield return $"The counter is impossible: {onHand} on hand, {reserved} reserved.";
        if (Ledger.OnHand != onHand) yield return $"{onHand} on hand, but the ledger sums to {Ledger.OnHand}.";
        if (Ledger.Reserved != reserved) yield return $"{reserved} reserved, but the ledger sums to {Ledger.Reserved}.";
        if (OrdersPromised != reserved) yield return $"{reserved} reserved, but open orders hold {OrdersPromised}.";
        if (OrdersSold != LedgerSold) yield return $"The ledger sold {LedgerSold}, but paid orders hold {OrdersSold}.";
    }
}

/// <summary>Reads the books of all variants, by SKU, in one pass.</summary>
internal static class VariantBooksReader
{
    private const string Sql = """
        SELECT v.id, v.product_id, v.sku, v.retired_at IS NULL AND coalesce(p.status = 'Published', false), v.price_amount, s.on_hand, s.reserved,
            coalesce(m.on_hand, 0), coalesce(m.reserved, 0), coalesce(m.supplied, 0), coalesce(m.sold, 0), coalesce(o.promised, 0), coalesce(o.sold, 0)
        FROM variants v
        LEFT JOIN products p ON p.id = v.product_id
        LEFT JOIN stock_items s ON s.variant_id = v.id
        LEFT JOIN (
            SELECT variant_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved,
                sum(on_hand_delta) FILTER (WHERE kind <> 'Sold') AS supplied, -sum(on_hand_delta) FILTER (WHERE kind = 'Sold') AS sold
            FROM stock_movements GROUP BY variant_id) m ON m.variant_id = v.id
        LEFT JOIN (
            SELECT l.variant_id, sum(l.quantity) FILTER (WHERE o.status IN ('Placed', 'PaymentPending')) AS promised,
                sum(l.quantity) FILTER (WHERE paid.order_id IS NOT NULL) AS sold
            FROM order_lines l JOIN orders o ON o.id = l.order_id
            LEFT JOIN (SELECT DISTINCT order_id FROM order_transitions WHERE to_status = 'Paid') paid ON paid.order_id = o.id
            GROUP BY l.variant_id) o ON o.variant_id = v.id
        ORDER BY v.sku COLLATE "C"
        """;

    public static async IAsyncEnumerable<VariantBooks> ReadAsync(NpgsqlConnection connection, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Sql, connection) { CommandTimeout = 120 };
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            yield return new VariantBooks
            {
                VariantId = reader.GetGuid(0),
                ProductId = reader.GetGuid(1),
                Sku = reader.GetString(2),
                OnSale = reader.GetBoolean(3),
                Price = reader.GetDecimal(4),
                Stock = reader.IsDBNull(5) ? null : (reader.GetInt32(5), reader.GetInt32(6)),
                Ledger = (reader.GetInt64(7), reader.GetInt64(8)),
                Supplied = reader.GetInt64(9),
                LedgerSold = reader.GetInt64(10),
                OrdersPromised = reader.GetInt64(11),
                OrdersSold = reader.GetInt64(12),
            };
    }
}
