using Npgsql;
using Retail.Core.Common;
using Retail.Core.Jobs.Runs;

namespace Retail.Core.Jobs.Board;

/// <summary>Shows what the workers do: runs of jobs and promises of the outbox in one list, whichever engine runs.</summary>
public sealed class JobBoard(NpgsqlDataSource database, JobRegistry registry, IJobEngine engine, TimeProvider clock)
{
    /// <summary>Rows on a page.</summary>
    public const int PageSize = 25;

    private const string Summary = """
        SELECT (SELECT count(*) FROM workers WHERE seen_at > now() - interval '10 seconds')::int, count(*) FILTER (WHERE state = 'Due')::int,
            coalesce(extract(epoch FROM $1 - min(due_at) FILTER (WHERE state = 'Due')), 0)::float8,
            count(*) FILTER (WHERE state = 'Running')::int, count(*) FILTER (WHERE failed)::int, count(*) FILTER (WHERE state = 'Dead')::int
        FROM (
            SELECT due_at, CASE WHEN status = 'Waiting' AND due_at <= $1 THEN 'Due' ELSE status END AS state, status = 'Waiting' AND error IS NOT NULL AS failed
            FROM job_runs WHERE status IN ('Waiting', 'Running', 'Dead')
            UNION ALL
            SELECT due_at, CASE WHEN status = 'Waiting' AND leased_until > $1 THEN 'Running' WHEN status = 'Waiting' AND due_at <= $1 THEN 'Due' ELSE status END,
                status = 'Waiting' AND error IS NOT NULL AND NOT coalesce(leased_until > $1, false)
            FROM outbox WHERE status IN ('Waiting', 'Dead')) work
        """;

    private const int AllOf = 1_000_000, NewestOf = 1000;

    /// <summary>All work in numbers.</summary>
    public async Task<WorkSummary> SumUpAsync(CancellationToken ct)
    {
        await using var command = Command(Summary);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new(reader.GetInt32(0), reader.GetInt32(1), TimeSpan.FromSeconds(Math.Max(0, reader.GetDouble(2))), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5));
    }

    /// <summary>The recurring jobs of this release, by name.</summary>
    public async Task<IReadOnlyList<RecurringJob>> RecurringAsync(CancellationToken ct)
    {
        var last = new Dictionary<string, WorkItem>();
        await using (var command = Command($"SELECT DISTINCT ON (kind) * FROM ({Sql("key = ''", "false")}) work ORDER BY kind, made_at DESC"))
        await using (var reader = await command.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct)) last[reader.GetString(1)] = Read(reader);
        var paused = new Dictionary<string, (string By, DateTimeOffset At)>();
        await using (var command = database.CreateCommand("SELECT job, by, at FROM paused_jobs"))
        await using (var reader = await command.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct)) paused[reader.GetString(0)] = (reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2));
        var next = await engine.NextAsync(ct);
        return [.. registry.All.Select(job => job.Definition).Where(job => job.Cron is not null).OrderBy(job => job.Name, StringComparer.Ordinal).Select(job => new RecurringJob(
            job.Name, job.Purpose, job.Cron!, job.TimeZone, next.TryGetValue(job.Name, out var at) ? at : null, last.GetValueOrDefault(job.Name),
            paused.TryGetValue(job.Name, out var by) ? by.By : null, by.By is null ? null : by.At))];
    }

    /// <summary>A page of the work in a state: what comes next first while it is open, otherwise what ended last.</summary>
    /// <param name="state">Where it stands.</param>
    /// <param name="search">A part of the kind, or the whole key or request id; empty for all.</param>
    /// <param name="page">From 1.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task<PageOf<WorkItem>> ListAsync(WorkState state, string search, int page, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(search);
        var sql = state switch
        {
            WorkState.Running => Sql("status = 'Running'", "status = 'Waiting' AND leased_until > $1"),
            WorkState.Waiting or WorkState.Failed => Sql("status = 'Waiting'", "status = 'Waiting'"),
            WorkState.Dead => Sql("status = 'Dead'", "status = 'Dead'"),
            WorkState.Done => Sql("status = 'Done'", "status = 'Done'", NewestOf),
            WorkState.Discarded => Sql("status = 'Discarded'", "status = 'Discarded'", NewestOf),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state."),
        };
        var order = state is WorkState.Waiting or WorkState.Failed ? "due_at, id" : "coalesce(finished_at, started_at, made_at) DESC, id DESC";
        await using var command = Command($"""
            SELECT *, count(*) OVER () FROM ({sql}) work
            WHERE state = $2 AND ($3 = '' OR strpos(kind, $3) > 0 OR key = $3 OR request_id = $3 OR key LIKE '%:' || $3 || '%')
            ORDER BY {order} OFFSET $4 LIMIT $5
            """);
        command.Parameters.Add(new() { Value = state.ToString() });
        command.Parameters.Add(new() { Value = search.Trim() });
        command.Parameters.Add(new() { Value = (page - 1) * PageSize });
        command.Parameters.Add(new() { Value = PageSize });
        var (items, total) = (new List<WorkItem>(), 0);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            items.Add(Read(reader));
            total = (int)reader.GetInt64(14);
        }
        // Past the end there is nothing to count: the first page says how many there are.
        if (items.Count > 0 || page == 1) return new(items, page, PageSize, total);
        await reader.DisposeAsync();
        return await ListAsync(state, search, 1, ct);
    }

    /// <summary>One run or promise, by the list's id; null when there is none.</summary>
    public async Task<WorkItem?> FindAsync(string id, CancellationToken ct)
    {
        if (WorkId.Parse(id) is not { } work) return null;
        await using var command = Command(work.IsJob ? Sql("id = $2", "false") : Sql("false", "id = $2"));
        command.Parameters.Add(work.IsJob ? new() { Value = work.Run } : new NpgsqlParameter { Value = work.Promise });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Read(reader) : null;
    }

    // The newest thousand of what is done are enough for a list; a search by key finds what it finds among them.
    private static string Sql(string runs, string promises, int most = AllOf) => $"""
        SELECT 'j-' || id AS id, job AS kind, key, tries, asked_at AS made_at, due_at, started_at, finished_at, error, request_id, node, decided_by, args,
            CASE WHEN status = 'Waiting' AND error IS NOT NULL THEN 'Failed' ELSE status END AS state
        FROM (SELECT * FROM job_runs WHERE {runs} ORDER BY id DESC LIMIT {most}) r
        UNION ALL
        SELECT 'p-' || id, kind, key, tries, created_at, due_at, started_at, finished_at, error, request_id, leased_by, decided_by, NULL,
            CASE WHEN status = 'Waiting' AND leased_until > $1 THEN 'Running' WHEN status = 'Waiting' AND error IS NOT NULL THEN 'Failed' ELSE status END
        FROM (SELECT * FROM outbox WHERE {promises} ORDER BY id DESC LIMIT {most}) o
        """;

    private NpgsqlCommand Command(string sql)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return command;
    }

    private static WorkItem Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), Enum.Parse<WorkState>(row.GetString(13)), row.GetInt32(3), row.GetFieldValue<DateTimeOffset>(4), row.GetFieldValue<DateTimeOffset>(5),
        Time(row, 6), Time(row, 7), Text(row, 8), Text(row, 9), Text(row, 10), Text(row, 11), Text(row, 12));

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
