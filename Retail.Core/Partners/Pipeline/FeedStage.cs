using Npgsql;
using NpgsqlTypes;
using Retail.Core.Catalog;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Pipeline;

/// <summary>The rows of a run between its file and the shop, in tables of their own: written by COPY, read a page at a time.</summary>
internal sealed class FeedStage(NpgsqlDataSource database, Guid runId)
{
    // Behind what was said while reading.
    private const int LatePosition = 1_000;

    private const string RejectTwice = """
        WITH seen AS (
            SELECT number, first_value(line) OVER same AS first_line, row_number() OVER same AS occurrence
            FROM feed_rows WHERE run_id = $1 AND product_key IS NOT NULL WINDOW same AS (PARTITION BY external_id ORDER BY number)),
        twice AS (
            UPDATE feed_rows r SET product_key = NULL, item = NULL FROM seen
            WHERE r.run_id = $1 AND r.number = seen.number AND seen.occurrence > 1 RETURNING r.number, r.line, r.external_id, seen.first_line)
        INSERT INTO feed_issues (run_id, number, position, line, external_id, is_rejection, code, field, message)
        SELECT $1, number, 999, line, external_id, true, $2, 'id', format('The id %s is in line %s already; that row was taken.', external_id, first_line) FROM twice
        """;

    private const string RejectTooMany = """
        WITH counted AS (SELECT number, row_number() OVER (PARTITION BY product_key ORDER BY number) AS place FROM feed_rows WHERE run_id = $1 AND product_key IS NOT NULL),
        excess AS (
            UPDATE feed_rows r SET product_key = NULL, item = NULL FROM counted
            WHERE r.run_id = $1 AND r.number = counted.number AND counted.place > $3 RETURNING r.number, r.line, r.external_id)
        INSERT INTO feed_issues (run_id, number, position, line, external_id, is_rejection, code, field, message)
        SELECT $1, number, 999, line, external_id, true, $2, 'item_group_id', format('A product has at most %s variants.', $3) FROM excess
        """;

    private readonly List<FeedStagedRow> _rows = [];
    private readonly List<FeedIssue> _issues = [];

    public const string Rows = "feed_rows", Changes = "feed_changes";

    public int Count { get; private set; }

    public bool IsFull => _rows.Count >= 2_000;

    /// <summary>Forgets what an earlier try left.</summary>
    public async Task ClearAsync(CancellationToken ct)
    {
        foreach (var table in (string[])["feed_changes", "feed_rows", "feed_issues"]) await ExecuteAsync($"DELETE FROM {table} WHERE run_id = $1", ct);
    }

    /// <summary>Forgets what is needed no longer once a run is over; its report stays.</summary>
    public static string ForgetSql => "DELETE FROM feed_changes WHERE run_id = $1; DELETE FROM feed_rows WHERE run_id = $1";

    /// <summary>Adds a row; it is written with the next <see cref="FlushAsync"/>.</summary>
    public void Add(int line, string? externalId, FeedItem? item, IReadOnlyList<FeedRemark> remarks)
    {
        Count++;
        _rows.Add(new() { RunId = runId, Number = Count, Line = line, ExternalId = externalId, ProductKey = item?.ProductKey, Item = item?.ToJson() });
        for (var i = 0; i < remarks.Count; i++)
            _issues.Add(new() { RunId = runId, Number = Count, Position = i, Line = line, ExternalId = externalId ?? "", IsRejection = remarks[i].IsRejection, Code = remarks[i].Code, Field = remarks[i].Field, Message = remarks[i].Message });
    }

    public async Task FlushAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using (var copy = await connection.BeginBinaryImportAsync("COPY feed_rows (run_id, number, line, external_id, product_key, item) FROM STDIN (FORMAT BINARY)", ct))
        {
            foreach (var row in _rows)
            {
                await copy.StartRowAsync(ct);
                await copy.WriteAsync(runId, NpgsqlDbType.Uuid, ct);
                await copy.WriteAsync(row.Number, NpgsqlDbType.Integer, ct);
                await copy.WriteAsync(row.Line, NpgsqlDbType.Integer, ct);
                foreach (var text in (string?[])[row.ExternalId, row.ProductKey, row.Item])
                    if (text is null) await copy.WriteNullAsync(ct);
                    else await copy.WriteAsync(text, NpgsqlDbType.Text, ct);
            }
            await copy.CompleteAsync(ct);
        }
        await WriteIssuesAsync(connection, ct);
        _rows.Clear();
    }

    /// <summary>Rejects rows whose id an earlier taken row has, and those that are too many for their product.</summary>
    public async Task RejectExcessAsync(CancellationToken ct)
    {
        await KnowAsync(Rows, ct);
        await ExecuteAsync(RejectTwice, ct, FeedCodes.DuplicateId);
        await ExecuteAsync(RejectTooMany, ct, FeedCodes.TooManyVariants, Product.MaxVariants);
    }

    /// <summary>Tells the planner of what was just written; it would read all of it for each row and each page.</summary>
    public async Task KnowAsync(string table, CancellationToken ct)
    {
        await using var analyze = database.CreateCommand($"ANALYZE {table}");
        await analyze.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Taken rows, product by product: whole products after a key, as many as fit.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="after">The key of the last product that was read; empty for none.</param>
    /// <param name="limit">The most rows.</param>
    /// <param name="onlyChanges">Only products that have to be made or changed.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<IReadOnlyList<IReadOnlyList<StagedItem>>> PageAsync(NpgsqlConnection connection, string after, int limit, bool onlyChanges, CancellationToken ct)
    {
        var rows = await RowsAsync(connection, after, limit, onlyChanges, ct);
        var products = rows.GroupBy(r => r.Item.ProductKey).Select(g => (IReadOnlyList<StagedItem>)[.. g]).ToList();
        // The last product may go on behind the limit, which is higher than the rows of any one product.
        if (rows.Count == limit) products.RemoveAt(products.Count - 1);
        return products;
    }

    /// <summary>Rejects rows that turned out not to fit.</summary>
    public async Task RejectAsync(NpgsqlConnection connection, IReadOnlyList<LateRejection> late, CancellationToken ct)
    {
        if (late.Count == 0) return;
        await using (var update = new NpgsqlCommand("UPDATE feed_rows SET product_key = NULL, item = NULL WHERE run_id = $1 AND number = ANY($2)", connection) { Parameters = { new() { Value = runId }, new() { Value = late.Select(l => l.Row.Number).ToArray() } } })
            await update.ExecuteNonQueryAsync(ct);
        foreach (var l in late)
            _issues.Add(new() { RunId = runId, Number = l.Row.Number, Position = LatePosition, Line = l.Row.Line, ExternalId = l.Row.Item.Id, IsRejection = true, Code = l.Code, Field = l.Field, Message = l.Message });
        await WriteIssuesAsync(connection, ct);
    }

    public async Task AddChangesAsync(NpgsqlConnection connection, IEnumerable<string> productKeys, CancellationToken ct)
    {
        await using var copy = await connection.BeginBinaryImportAsync("COPY feed_changes (run_id, product_key) FROM STDIN (FORMAT BINARY)", ct);
        foreach (var key in productKeys)
        {
            await copy.StartRowAsync(ct);
            await copy.WriteAsync(runId, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(key, NpgsqlDbType.Text, ct);
        }
        await copy.CompleteAsync(ct);
    }

    private async Task<List<StagedItem>> RowsAsync(NpgsqlConnection connection, string after, int limit, bool onlyChanges, CancellationToken ct)
    {
        var from = onlyChanges ? "feed_changes c JOIN feed_rows r ON r.run_id = c.run_id AND r.product_key = c.product_key WHERE c.run_id = $1 AND c.product_key > $2 ORDER BY c.product_key, r.number"
            : "feed_rows r WHERE r.run_id = $1 AND r.product_key > $2 ORDER BY r.product_key, r.number";
        await using var command = new NpgsqlCommand($"SELECT r.number, r.line, r.item FROM {from} LIMIT $3", connection) { Parameters = { new() { Value = runId }, new() { Value = after }, new() { Value = limit } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<StagedItem>(limit);
        while (await reader.ReadAsync(ct)) rows.Add(new(reader.GetInt32(0), reader.GetInt32(1), FeedItem.FromJson(reader.GetString(2))));
        return rows;
    }

    private async Task WriteIssuesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (_issues.Count == 0) return;
        await using (var copy = await connection.BeginBinaryImportAsync("COPY feed_issues (run_id, number, position, line, external_id, is_rejection, code, field, message) FROM STDIN (FORMAT BINARY)", ct))
        {
            foreach (var issue in _issues)
            {
                await copy.StartRowAsync(ct);
                await copy.WriteAsync(runId, NpgsqlDbType.Uuid, ct);
                await copy.WriteAsync(issue.Number, NpgsqlDbType.Integer, ct);
                await copy.WriteAsync(issue.Position, NpgsqlDbType.Integer, ct);
                await copy.WriteAsync(issue.Line, NpgsqlDbType.Integer, ct);
                await copy.WriteAsync(issue.ExternalId, NpgsqlDbType.Text, ct);
                await copy.WriteAsync(issue.IsRejection, NpgsqlDbType.Boolean, ct);
                await copy.WriteAsync(issue.Code, NpgsqlDbType.Text, ct);
                await copy.WriteAsync(issue.Field, NpgsqlDbType.Text, ct);
                await copy.WriteAsync(Storable(issue.Message), NpgsqlDbType.Text, ct);
            }
            await copy.CompleteAsync(ct);
        }
        _issues.Clear();
    }

    // What a row says of itself may hold characters that the database refuses.
    private static string Storable(string text)
    {
        var storable = string.Concat(text.EnumerateRunes().Select(r => r.Value < ' ' ? " " : r.ToString()));
        return storable.Length <= FeedIssueMap.MessageLength ? storable : storable[..(char.IsHighSurrogate(storable[FeedIssueMap.MessageLength - 1]) ? FeedIssueMap.MessageLength - 1 : FeedIssueMap.MessageLength)];
    }

    private async Task ExecuteAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 300;
        command.Parameters.Add(new() { Value = runId });
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(ct);
    }
}
