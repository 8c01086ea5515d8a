using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Scenarios;

/// <summary>A question with a number for an answer, that measures can name: about the database, or about the program itself.</summary>
/// <param name="Name">As measures write it.</param>
/// <param name="Unit">Of the value: % or empty for a count.</param>
/// <param name="Counts">What the value counts, in words.</param>
/// <param name="Sample">What the sample's size counts: "orders".</param>
public sealed record NamedQuery(string Name, string Unit, string Counts, string Sample)
{
    /// <summary>Answers it.</summary>
    public required Func<QueryContext, CancellationToken, Task<QueryAnswer>> AskAsync { get; init; }

    /// <summary>The same about the orders of one drill, which are cleared away when it ends; null when it is not about orders.</summary>
    public Func<NpgsqlConnection, Guid, DateTimeOffset, CancellationToken, Task<QueryAnswer>>? OfDrillAsync { get; init; }

    /// <summary>A query in SQL, with the window's begin and end as $1 and $2. It answers one row: value, sample, the time of the newest of it (null: now), and up to 20 rows of evidence as a JSON array.</summary>
    public static NamedQuery OfSql(string name, string unit, string counts, string sample, string sql) => new(name, unit, counts, sample)
    {
        AskAsync = (context, ct) => RunAsync(context.Connection, sql, context.From, context.To, null, ct),
    };

    /// <summary>
    /// A query in SQL about orders, which begins with WITH. What drills ordered is cleared away, so that its answer about each drill is
    /// written down before (<see cref="MetricTypes.DrillEvidence"/>) and counts together with the orders that stand.
    /// </summary>
    public static NamedQuery OfOrders(string name, string unit, string counts, string sample, string sql) => new(name, unit, counts, sample)
    {
        AskAsync = async (context, ct) => Together(unit, await RunAsync(context.Connection, sql, context.From, context.To, null, ct), await DrillsAsync(context, name, unit, ct)),
        // A name in WITH hides the table of that name.
        OfDrillAsync = (connection, drill, now, ct) => RunAsync(connection, $"""
            WITH orders AS (SELECT * FROM public.orders WHERE drill_id = $3),
                payments AS (SELECT p.* FROM public.payments p JOIN public.orders o ON o.id = p.order_id WHERE o.drill_id = $3),
                {sql["WITH ".Length..]}
            """, DateTimeOffset.UnixEpoch, now, drill, ct),
    };

    private static async Task<QueryAnswer> RunAsync(NpgsqlConnection connection, string sql, DateTimeOffset from, DateTimeOffset to, Guid? drill, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = from, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = to, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        if (drill is { } id) command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new QueryAnswer(
            reader.IsDBNull(0) ? null : Convert.ToDouble(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture),
            reader.GetInt64(1),
            reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
            reader.IsDBNull(3) ? [] : [.. JsonNode.Parse(reader.GetString(3))!.AsArray().Select(row => row!.AsObject())]);
    }

    // A share is weighed by what it is a share of.
    private static Task<QueryAnswer> DrillsAsync(QueryContext context, string name, string unit, CancellationToken ct) => RunAsync(context.Connection, $"""
        WITH told AS (
            SELECT id, timestamp, value, (metadata->>'sample')::bigint AS sample, metadata->>'drill' AS drill, metadata->>'drill_id' AS drill_id
            FROM metric WHERE type = '{MetricTypes.DrillEvidence}' AND timestamp > $1 AND timestamp <= $2 AND metadata->>'query' = '{name}')
        SELECT {(unit == "%" ? "sum(value * sample) / nullif(sum(sample), 0)" : "sum(value)")}::float8, coalesce(sum(sample), 0)::bigint, max(timestamp),
            (SELECT jsonb_agg(to_jsonb(r)) FROM (SELECT drill, drill_id, value, sample, id AS metric_id FROM told ORDER BY timestamp DESC LIMIT 5) r)::text
        FROM told
        """, context.From, context.To, null, ct);

    private static QueryAnswer Together(string unit, QueryAnswer standing, QueryAnswer drills)
    {
        if (drills.Sample == 0) return standing;
        var sample = standing.Sample + drills.Sample;
        var value = unit == "%" ? ((standing.Value ?? 0) * standing.Sample + (drills.Value ?? 0) * drills.Sample) / sample : (standing.Value ?? 0) + (drills.Value ?? 0);
        var newest = standing.Newest is { } at && at > drills.Newest ? at : drills.Newest;
        return new(value, sample, newest, [.. standing.Rows.Take(15), .. drills.Rows]);
    }
}

/// <summary>What a query may look at.</summary>
/// <param name="Connection">The store's database; the query may be asked inside a transaction.</param>
/// <param name="From">Begin of the window.</param>
/// <param name="To">Its end: now.</param>
/// <param name="Program">The folder with the program's own assemblies.</param>
public sealed record QueryContext(NpgsqlConnection Connection, DateTimeOffset From, DateTimeOffset To, string Program);

/// <summary>A query's answer.</summary>
/// <param name="Value">Null when there is nothing to make it of.</param>
/// <param name="Sample">How many things were looked at.</param>
/// <param name="Newest">When the newest of them came to be; null when the state of this moment was looked at.</param>
/// <param name="Rows">Evidence: what was found, or some of what was looked at.</param>
public sealed record QueryAnswer(double? Value, long Sample, DateTimeOffset? Newest, IReadOnlyList<JsonObject> Rows);
