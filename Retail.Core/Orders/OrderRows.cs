using Npgsql;
using Retail.Core.Common;

namespace Retail.Core.Orders;

/// <summary>The rows of one batch, column by column, for inserts by unnest: one statement a table however many orders.</summary>
internal sealed class OrderRows(DateTimeOffset now)
{
    /// <summary>An order that settles nobody's payment within this time is looked at by the worker.</summary>
    private static readonly TimeSpan SettleAfter = TimeSpan.FromSeconds(30);

    private const string InsertOrders = """
        INSERT INTO orders (id, idempotency_key, request_hash, customer_id, cart_id, email, phone, shipping_method,
            shipping_address_name, shipping_address_line1, shipping_address_line2, shipping_address_city, shipping_address_region,
            shipping_address_postcode, shipping_address_country, subtotal_amount, shipping_amount, total_amount,
            subtotal_currency, shipping_currency, total_currency, status, placed_at, drill_id)
        SELECT t.id, t.key, t.hash, t.customer, t.cart, t.email, t.phone, t.method, t.name, t.line1, t.line2, t.city, t.region, t.postcode, t.country,
            t.subtotal, t.shipping, t.total, t.currency, t.currency, t.currency, 'Placed', $20, t.drill
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $21)
            WITH ORDINALITY AS t(id, key, hash, customer, cart, email, phone, method, name, line1, line2, city, region, postcode, country, subtotal, shipping, total, currency, drill, nr)
        ORDER BY t.nr
        RETURNING id, number
        """;

    private const string InsertLines = """
        INSERT INTO order_lines (order_id, position, variant_id, sku, name, option_text, quantity, unit_price_amount, line_total_amount, flash_sale_id, flash_buyer, unit_price_currency, line_total_currency)
        SELECT t.*, t.currency FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS t(id, position, variant, sku, name, options, quantity, price, total, sale, buyer, currency)
        """;

    private const string InsertMovements = """
        INSERT INTO stock_movements (variant_id, kind, on_hand_delta, reserved_delta, order_id, note, at)
        SELECT t.variant, 'Reserved', 0, t.quantity, t.id, '', $4 FROM unnest($1, $2, $3) AS t(variant, quantity, id)
        """;

    private const string InsertPayments = """
        INSERT INTO payments (id, order_id, amount_amount, amount_currency, status, method_id, card_brand, card_last4, started_at, tries)
        SELECT t.payment, t.id, t.total, t.currency, 'Started', t.method, t.brand, t.last4, $8, 0
        FROM unnest($1, $2, $3, $4, $5, $6, $7) AS t(payment, id, total, currency, method, brand, last4)
        """;

    private const string InsertTransitions = """
        INSERT INTO order_transitions (order_id, from_status, to_status, by, why, at)
        SELECT id, NULL, 'Placed', 'shopper', 'Order placed', $2 FROM unnest($1) AS t(id)
        """;

    private const string InsertOutbox = """
        INSERT INTO outbox (kind, key, ordering_key, request_id, drill_id, status, created_at, due_at, tries)
        SELECT 'settle-payment', id::text, id::text, request, drill, 'Waiting', $4, $5, 0 FROM unnest($1, $2, $3) AS t(id, request, drill)
        """;

    private const string Reserve = """
        UPDATE stock_items s SET reserved = s.reserved + t.quantity
        FROM unnest($1, $2) AS t(variant, quantity) WHERE s.variant_id = t.variant
        """;

    private const string TakeFromSales = """
        UPDATE flash_sales f SET sold = f.sold + t.quantity
        FROM unnest($1, $2) AS t(id, quantity) WHERE f.id = t.id
        """;

    private readonly Dictionary<string, AcceptedRow> _byKey = [];
    private readonly Dictionary<Guid, AcceptedRow> _byId = [];

    /// <summary>What was admitted, first come first.</summary>
    public List<AcceptedRow> Accepted { get; } = [];

    /// <summary>Requests of the same batch under the key of an admitted one: they get its answer.</summary>
    public List<(PendingOrder Order, AcceptedRow Of)> Twins { get; } = [];

    /// <summary>Units that refused orders asked for and that were not there.</summary>
    public List<(Guid? Drill, int Units)> Short { get; } = [];

    public int Count => Accepted.Count;

    public AcceptedRow? FindKey(string key) => _byKey.GetValueOrDefault(key);

    public void SetNumber(Guid id, long number) => _byId[id].Number = number;

    public static AcceptedOrder Answer(AcceptedRow row) => new(row.Id, row.Number, row.Total, Replayed: true);

    public void Add(PendingOrder order, List<OrderBatch.AdmittedLine> lines, Money subtotal, Money shipping)
    {
        var row = new AcceptedRow(order, Guid.CreateVersion7(now), Guid.CreateVersion7(now), lines, subtotal, shipping);
        Accepted.Add(row);
        _byKey.Add(order.Request.IdempotencyKey, row);
        _byId.Add(row.Id, row);
    }

    /// <summary>All writes and the commit, in one round trip; with nothing to write, the end of the transaction.</summary>
    public NpgsqlBatch ToBatch(NpgsqlConnection connection)
    {
        if (Count == 0) return new(connection) { BatchCommands = { new(BatchConnection.Rollback) } };
        var lines = Accepted.SelectMany(a => a.Lines.Select((l, i) => (Order: a, Line: l, l.Good, l.Quantity, Position: i + 1))).ToList();
        var taken = lines.GroupBy(l => l.Good.VariantId, (id, of) => (Variant: id, Units: of.Sum(l => l.Quantity))).ToList();
        var sales = lines.Where(l => l.Line.Sale is not null).Select(l => l.Line.Sale!).Distinct().ToList();
        var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Command(InsertOrders, Of(Accepted, a => a.Id), Of(Accepted, a => a.Request.IdempotencyKey), Of(Accepted, a => a.Order.Hash), Of(Accepted, a => a.Request.CustomerId),
                    Of(Accepted, a => a.Request.CartId), Of(Accepted, a => a.Request.Email), Of(Accepted, a => a.Request.Phone), Of(Accepted, a => a.Request.ShippingMethod),
                    Of(Accepted, a => a.Request.ShippingAddress.Name), Of(Accepted, a => a.Request.ShippingAddress.Line1), Of(Accepted, a => a.Request.ShippingAddress.Line2),
                    Of(Accepted, a => a.Request.ShippingAddress.City), Of(Accepted, a => a.Request.ShippingAddress.Region), Of(Accepted, a => a.Request.ShippingAddress.Postcode),
                    Of(Accepted, a => a.Request.ShippingAddress.Country), Of(Accepted, a => a.Subtotal.Amount), Of(Accepted, a => a.Shipping.Amount),
                    Of(Accepted, a => a.Total.Amount), Of(Accepted, a => a.Total.Currency), At(now), Of(Accepted, a => a.Order.DrillId)),
                Command(InsertLines, Of(lines, l => l.Order.Id), Of(lines, l => l.Position), Of(lines, l => l.Good.VariantId), Of(lines, l => l.Good.Sku), Of(lines, l => l.Good.Name),
                    Of(lines, l => l.Good.OptionText), Of(lines, l => l.Quantity), Of(lines, l => l.Line.Price.Amount), Of(lines, l => l.Line.Total.Amount),
                    Of(lines, l => l.Line.Sale?.Id), Of(lines, l => l.Line.Buyer), Of(lines, l => l.Line.Price.Currency)),
                Command(InsertPayments, Of(Accepted, a => a.PaymentId), Of(Accepted, a => a.Id), Of(Accepted, a => a.Total.Amount), Of(Accepted, a => a.Total.Currency),
                    Of(Accepted, a => a.Request.PaymentMethod.Id), Of(Accepted, a => a.Request.PaymentMethod.Brand), Of(Accepted, a => a.Request.PaymentMethod.Last4), At(now)),
                Command(InsertTransitions, Of(Accepted, a => a.Id), At(now)),
                Command(InsertOutbox, Of(Accepted, a => a.Id), Of(Accepted, a => a.Order.RequestId), Of(Accepted, a => a.Order.DrillId), At(now), At(now + SettleAfter)),
                Command(InsertMovements, Of(lines, l => l.Good.VariantId), Of(lines, l => l.Quantity), Of(lines, l => l.Order.Id), At(now)),
                Command(Reserve, Of(taken, t => t.Variant), Of(taken, t => t.Units)),
            },
        };
        if (sales.Count > 0)
        {
            batch.BatchCommands.Add(Command(TakeFromSales, Of(sales, s => s.Id), Of(sales, s => s.Taken)));
            foreach (var notice in FlashKeys.NoticesOf(Accepted.Select(a => a.Request.IdempotencyKey)))
                batch.BatchCommands.Add(Command(FlashKeys.Tell, new NpgsqlParameter<string> { TypedValue = notice }));
        }
        batch.BatchCommands.Add(new(BatchConnection.Commit));
        return batch;
    }

    private static NpgsqlParameter<TColumn[]> Of<T, TColumn>(List<T> rows, Func<T, TColumn> column)
    {
        var values = new TColumn[rows.Count];
        for (var i = 0; i < values.Length; i++) values[i] = column(rows[i]);
        return new() { TypedValue = values };
    }

    private static NpgsqlParameter<DateTimeOffset> At(DateTimeOffset at) => new() { TypedValue = at };

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }
}

/// <summary>An order that was admitted, before and after its commit.</summary>
internal sealed record AcceptedRow(PendingOrder Order, Guid Id, Guid PaymentId, List<OrderBatch.AdmittedLine> Lines, Money Subtotal, Money Shipping)
{
    public OrderRequest Request => Order.Request;

    public Money Total { get; } = Subtotal + Shipping;

    public long Number { get; set; }
}
