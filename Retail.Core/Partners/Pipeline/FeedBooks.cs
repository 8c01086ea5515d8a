using Npgsql;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Pipeline;

/// <summary>Writes what becomes of runs: the only code that changes them once they are there.</summary>
internal sealed class FeedBooks(NpgsqlDataSource database, TimeProvider clock)
{
    private const string CountSql = """
        UPDATE feed_runs SET status = $2, note = $3, is_complete = $4, new = $5, changed = $6, unchanged = $7, missing = $8, price_changes = $9, on_sale_before = $10,
            rows = r.rows, rejected = r.rejected, warned = r.warned, accepted = r.rows - r.rejected - r.warned
        FROM (
            SELECT count(*)::int AS rows, count(*) FILTER (WHERE f.product_key IS NULL)::int AS rejected,
                count(*) FILTER (WHERE f.product_key IS NOT NULL AND EXISTS (SELECT 1 FROM feed_issues i WHERE i.run_id = $1 AND i.number = f.number))::int AS warned
            FROM feed_rows f WHERE f.run_id = $1) r
        WHERE id = $1
        """;

    /// <summary>The oldest run of a partner that a worker has to do something for, or null.</summary>
    public async Task<Guid?> NextAsync(Guid partnerId, CancellationToken ct) =>
        (Guid?)await ScalarAsync("SELECT id FROM feed_runs WHERE partner_id = $1 AND status IN ('Waiting', 'Reading', 'Applying') ORDER BY created_at, id LIMIT 1", ct, partnerId);

    /// <summary>A worker begins a run, or begins it again.</summary>
    public Task BeginAsync(Guid runId, FeedRunStatus status, CancellationToken ct) =>
        ExecuteAsync("UPDATE feed_runs SET status = $2, tries = tries + 1, started_at = coalesce(started_at, $3) WHERE id = $1", ct, runId, status.ToString(), clock.GetUtcNow());

    /// <summary>Tells how far the reading is.</summary>
    public Task TellAsync(Guid runId, int rows, CancellationToken ct) => ExecuteAsync("UPDATE feed_runs SET rows = $2 WHERE id = $1", ct, runId, rows);

    /// <summary>The run was compared with the shop.</summary>
    public Task CountAsync(Guid runId, FeedRunStatus next, string? note, bool isComplete, FeedTotals totals, CancellationToken ct) => ExecuteAsync(CountSql, ct,
        runId, next.ToString(), (object?)note ?? DBNull.Value, isComplete, totals.New, totals.Changed, totals.Unchanged, totals.Missing, totals.PriceChanges, totals.OnSaleBefore);

    /// <summary>A newer feed takes the place of one that nobody has decided on.</summary>
    public Task OvertakeHeldAsync(Guid partnerId, Guid byRun, CancellationToken ct) => ExecuteAsync("""
        WITH old AS (
            UPDATE feed_runs SET status = 'Refused', note = 'A newer feed came before anybody decided.', finished_at = $3
            WHERE partner_id = $1 AND status = 'Held' AND id <> $2 RETURNING id),
        changes AS (DELETE FROM feed_changes USING old WHERE run_id = old.id)
        DELETE FROM feed_rows USING old WHERE run_id = old.id
        """, ct, partnerId, byRun, clock.GetUtcNow());

    /// <summary>Adds working time and the growth of memory.</summary>
    public Task MeasureAsync(Guid runId, double seconds, int peakMemoryMb, CancellationToken ct) =>
        ExecuteAsync("UPDATE feed_runs SET seconds = seconds + $2, peak_memory_mb = greatest(peak_memory_mb, $3) WHERE id = $1", ct, runId, seconds, peakMemoryMb);

    /// <summary>Nothing more becomes of the run; what was kept to apply it is forgotten.</summary>
    public async Task EndAsync(Guid runId, FeedRunStatus status, string? code, string? note, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, "UPDATE feed_runs SET status = $2, code = $3, note = coalesce($4, note), finished_at = $5 WHERE id = $1", ct,
            runId, status.ToString(), (object?)code ?? DBNull.Value, (object?)Short(note) ?? DBNull.Value, clock.GetUtcNow());
        await ExecuteAsync(connection, "DELETE FROM feed_changes WHERE run_id = $1", ct, runId);
        await ExecuteAsync(connection, "DELETE FROM feed_rows WHERE run_id = $1", ct, runId);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Remembers which categories a feed names, for an admin to map them.</summary>
    public Task NoteCategoriesAsync(Guid partnerId, IReadOnlyCollection<(string Source, int Rows)> asked, CancellationToken ct) => ExecuteAsync("""
        WITH now_named AS (SELECT * FROM unnest($2, $3) AS t(source, rows)),
        not_named AS (UPDATE partner_categories SET rows = 0 WHERE partner_id = $1 AND NOT EXISTS (SELECT 1 FROM now_named n WHERE n.source = partner_categories.source))
        INSERT INTO partner_categories (partner_id, source, rows) SELECT $1, source, rows FROM now_named
        ON CONFLICT (partner_id, source) DO UPDATE SET rows = excluded.rows
        """, ct, partnerId, asked.Select(a => a.Source).ToArray(), asked.Select(a => a.Rows).ToArray());

    private async Task<object?> ScalarAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteScalarAsync(ct);
    }

    private async Task ExecuteAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        foreach (var value in values) command.Parameters.Add(ParameterOf(value));
        await command.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlCommand Command(string sql, object[] values)
    {
        var command = database.CreateCommand(sql);
        command.CommandTimeout = 300;
        foreach (var value in values) command.Parameters.Add(ParameterOf(value));
        return command;
    }

    private static NpgsqlParameter ParameterOf(object value) => value is DBNull ? new() { Value = value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } : new() { Value = value };

    private static string? Short(string? note) => note?.Length > FeedRunMap.NoteLength ? note[..FeedRunMap.NoteLength] : note;
}
