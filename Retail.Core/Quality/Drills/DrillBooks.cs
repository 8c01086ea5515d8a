using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Metrics;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Quality.Drills;

/// <summary>What a recount of a drill's goods found.</summary>
/// <param name="Oversold">Units promised or sold beyond those that there were.</param>
/// <param name="Differences">Variants whose numbers contradict each other.</param>
/// <param name="Detail">Which, with the numbers; null when there is none.</param>
public sealed record DrillRecount(int Oversold, int Differences, string? Detail);

/// <summary>How a drill's orders stand.</summary>
/// <param name="Orders">All.</param>
/// <param name="Open">Neither paid nor cancelled.</param>
/// <param name="Paid">Paid.</param>
public sealed record DrillOrders(int Orders, int Open, int Paid);

/// <summary>Counts what a drill did to the books: from lines and ledger, never from the counters alone, and at the gateway itself.</summary>
public sealed class DrillBooks(NpgsqlDataSource database, IOptions<PaymentsOptions> payments)
{
    // What there was is what was brought in; what went is what the lines of standing orders say.
    private const string Recount = """
        WITH own AS (SELECT v.id, v.sku FROM variants v JOIN products p ON p.id = v.product_id WHERE p.drill_id = $1),
        ledger AS (
            SELECT m.variant_id, coalesce(sum(on_hand_delta) FILTER (WHERE kind IN ('Adjusted', 'Restocked')), 0)::int AS brought,
                sum(on_hand_delta)::int AS on_hand, sum(reserved_delta)::int AS reserved
            FROM stock_movements m JOIN own ON own.id = m.variant_id GROUP BY 1),
        lines AS (
            SELECT l.variant_id, sum(l.quantity) FILTER (WHERE o.status IN ('Placed', 'PaymentPending'))::int AS waiting,
                sum(l.quantity) FILTER (WHERE o.status IN ('Paid', 'Shipped', 'PartiallyRefunded'))::int AS sold,
                sum(l.quantity) FILTER (WHERE o.status NOT IN ('Cancelled', 'Refunded') AND l.flash_sale_id IS NOT NULL)::int AS flash
            FROM order_lines l JOIN orders o ON o.id = l.order_id JOIN own ON own.id = l.variant_id GROUP BY 1)
        SELECT own.sku, coalesce(g.brought, 0), coalesce(g.on_hand, 0), coalesce(g.reserved, 0), s.on_hand, s.reserved,
            coalesce(l.waiting, 0), coalesce(l.sold, 0), coalesce(f.sold, 0), coalesce(f.quantity, 0), coalesce(l.flash, 0)
        FROM own JOIN stock_items s ON s.variant_id = own.id LEFT JOIN ledger g ON g.variant_id = own.id LEFT JOIN lines l ON l.variant_id = own.id
            LEFT JOIN (SELECT variant_id, sum(sold)::int AS sold, sum(quantity)::int AS quantity FROM flash_sales GROUP BY 1) f ON f.variant_id = own.id
        ORDER BY own.sku
        """;

    private const string Orders = """
        SELECT count(*)::int, count(*) FILTER (WHERE status IN ('Placed', 'PaymentPending'))::int, count(*) FILTER (WHERE status = 'Paid')::int FROM orders WHERE drill_id = $1
        """;

    /// <summary>Counts units anew.</summary>
    public async Task<DrillRecount> RecountAsync(DrillStage stage, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stage);
        var (oversold, differences, details) = (0, 0, new List<string>());
        await using var command = About(Recount, stage.Id);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            int At(int column) => reader.GetInt32(column);
            var (brought, waiting, sold) = (At(1), At(6), At(7));
            var (flashSold, flashSize, flashLines) = (At(8), At(9), At(10));
            var over = Math.Max(Math.Max(0, waiting + sold - brought), flashSize > 0 ? Math.Max(0, flashLines - flashSize) : 0);
            oversold += over;
            var agrees = At(2) == At(4) && At(3) == At(5) && At(5) == waiting && At(4) == brought - sold && (flashSize == 0 || flashSold == flashLines);
            if (!agrees) differences++;
            if (over > 0 || !agrees)
                details.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{reader.GetString(0)}: {brought} brought in, {sold} sold and {waiting} waiting by the lines; {At(2)} on hand and {At(3)} reserved by the ledger; {At(4)} and {At(5)} by the counter; flash sale {flashSold} of {flashSize}, {flashLines} by the lines"));
        }
        return new(oversold, differences, details.Count == 0 ? null : string.Join(". ", details.Take(3)));
    }

    /// <summary>How the drill's orders stand.</summary>
    public async Task<DrillOrders> OrdersAsync(DrillStage stage, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stage);
        await using var command = About(Orders, stage.Id);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));
    }

    /// <summary>The drill's orders.</summary>
    public async Task<IReadOnlyList<Guid>> OrderIdsAsync(DrillStage stage, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stage);
        var ids = new List<Guid>();
        await using var command = About("SELECT id FROM orders WHERE drill_id = $1 ORDER BY placed_at, id", stage.Id);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) ids.Add(reader.GetGuid(0));
        return ids;
    }

    /// <summary>The orders of a variant.</summary>
    public async Task<IReadOnlyList<Guid>> OrdersOfAsync(Guid variantId, CancellationToken ct)
    {
        var ids = new List<Guid>();
        await using var command = About("SELECT DISTINCT order_id FROM order_lines WHERE variant_id = $1", variantId);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) ids.Add(reader.GetGuid(0));
        return ids;
    }

    /// <summary>Values of the metric rows of a type that the store wrote on the drill's behalf.</summary>
    public async Task<IReadOnlyList<double>> MetricsAsync(DrillStage stage, string type, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stage);
        var values = new List<double>();
        await using var command = database.CreateCommand("""
            SELECT value FROM metric WHERE type = $2 AND timestamp >= (SELECT started_at FROM drills WHERE id = $1) AND metadata->>'drill_id' = $1::text ORDER BY id
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = stage.Id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = type });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) values.Add(reader.GetDouble(0));
        return values;
    }

    /// <summary>How often the gateway says that each order was charged.</summary>
    public async Task<IReadOnlyList<(Guid OrderId, int Charges)>> ChargesAsync(DrillStage stage, IReadOnlyCollection<Guid> orders, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stage);
        var charges = new (Guid, int)[orders.Count];
        await Parallel.ForEachAsync(orders.Select((id, at) => (id, at)), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = ct }, async (order, stop) =>
            charges[order.at] = (order.id, await ChargesOfAsync(stage, order.id, stop)));
        return charges;
    }

    /// <summary>A request to the gateway in the store's name.</summary>
    public HttpRequestMessage AtGateway(DrillStage stage, HttpMethod method, string path)
    {
        ArgumentNullException.ThrowIfNull(stage);
        var root = stage.About.Simulator ?? new Uri(payments.Value.GatewayUrl.TrimEnd('/') + "/");
        return new(method, new Uri(root, path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", payments.Value.SecretKey) } };
    }

    private async Task<int> ChargesOfAsync(DrillStage stage, Guid order, CancellationToken ct)
    {
        using var request = AtGateway(stage, HttpMethod.Get, $"v1/payment_intents/search?limit=100&query={Uri.EscapeDataString($"metadata['order_id']:'{order}'")}");
        using var answer = await stage.Store.SendAsStrangerAsync(request, ct);
        if (!answer.IsSuccessStatusCode) throw new DrillBrokenException($"The gateway does not say how often order {order} was charged ({(int)answer.StatusCode}).");
        using var found = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(ct));
        return found.RootElement.GetProperty("data").EnumerateArray().Count(intent => intent.GetProperty("status").GetString() == "succeeded");
    }

    private NpgsqlCommand About(string sql, Guid id)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return command;
    }
}
