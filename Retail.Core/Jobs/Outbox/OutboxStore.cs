using Npgsql;
using NpgsqlTypes;
using Retail.Core.Data.Outbox;

namespace Retail.Core.Jobs.Outbox;

/// <summary>
/// The outbox's SQL. A row is leased, not locked, while its handler runs: if this process dies, the lease ends (at once when its
/// death is noticed, see <see cref="WorkerHeart"/>) and another worker takes the row.
/// </summary>
internal sealed class OutboxStore(NpgsqlDataSource database, WorkerIdentity worker, TimeProvider clock)
{
    // A row whose key has an earlier one open waits for that one, even while it fails: that is what order means. Only the
    // columns that no index holds change here, so that the row stays on its page.
    private const string Claim = """
        UPDATE outbox SET leased_until = $3, leased_by = $4, tries = tries + 1
        WHERE id = ANY(ARRAY(
            SELECT id FROM outbox o
            WHERE kind = $1 AND status = 'Waiting' AND due_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
                AND (ordering_key IS NULL OR NOT EXISTS (
                    SELECT 1 FROM outbox e WHERE e.kind = o.kind AND e.ordering_key = o.ordering_key AND e.status = 'Waiting' AND e.id < o.id))
            ORDER BY due_at, id LIMIT $5 FOR UPDATE SKIP LOCKED))
        RETURNING id, key, tries, request_id, drill_id, due_at
        """;

    // Not a row that another worker has by now, nor one that its own handler closed.
    private const string Close = """
        UPDATE outbox o SET status = t.status, due_at = coalesce(t.due, o.due_at), error = t.error, started_at = t.began, finished_at = t.ended,
            leased_until = NULL, tries = o.tries - t.untried
        FROM unnest($1, $2, $3, $4, $5, $6, $7) AS t(id, status, due, error, began, ended, untried)
        WHERE o.id = t.id AND o.status = 'Waiting' AND o.leased_by = $8
        """;

    /// <summary>Closes what came out and takes up to so many more of a kind, in one transaction.</summary>
    public async Task<List<OutboxRow>> ExchangeAsync(string kind, IReadOnlyList<OutboxOutcome> outcomes, int room, TimeSpan lease, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        // One transaction that waits for no disk: a power cut may lose its last moment, and those rows are kept once more.
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new("SELECT set_config('synchronous_commit', 'off', true)") } };
        var now = clock.GetUtcNow();
        if (outcomes.Count > 0) batch.BatchCommands.Add(CloseCommand(outcomes, now));
        if (room > 0)
        {
            var claim = new NpgsqlBatchCommand(Claim);
            claim.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
            claim.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
            claim.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now + lease });
            claim.Parameters.Add(new NpgsqlParameter<string> { TypedValue = worker.Node });
            claim.Parameters.Add(new NpgsqlParameter<int> { TypedValue = room });
            batch.BatchCommands.Add(claim);
        }
        var rows = new List<OutboxRow>();
        if (batch.BatchCommands.Count == 1) return rows;
        // Not cancelled halfway: what was closed must be known to be closed.
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        await reader.NextResultAsync(CancellationToken.None);
        while (await reader.ReadAsync(CancellationToken.None))
            rows.Add(new(reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetGuid(4), reader.GetFieldValue<DateTimeOffset>(5), now));
        rows.Sort((a, b) => (a.DueAt, a.Id).CompareTo((b.DueAt, b.Id)));
        return rows;
    }

    private NpgsqlBatchCommand CloseCommand(IReadOnlyList<OutboxOutcome> outcomes, DateTimeOffset now)
    {
        var close = new NpgsqlBatchCommand(Close);
        Add(NpgsqlDbType.Bigint, o => o.Row.Id);
        Add(NpgsqlDbType.Text, o => o.Status.ToString());
        Add(NpgsqlDbType.TimestampTz, o => o.Status == OutboxStatus.Waiting ? now + o.Pause : (DateTimeOffset?)null);
        Add(NpgsqlDbType.Text, o => o.Error);
        Add(NpgsqlDbType.TimestampTz, o => o.BeganAt);
        Add(NpgsqlDbType.TimestampTz, o => o.EndedAt);
        Add(NpgsqlDbType.Integer, o => o.IsGivenBack ? 1 : 0);
        close.Parameters.Add(new NpgsqlParameter<string> { TypedValue = worker.Node });
        return close;

        void Add<T>(NpgsqlDbType type, Func<OutboxOutcome, T> value) =>
            close.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. outcomes.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | type });
    }
}
