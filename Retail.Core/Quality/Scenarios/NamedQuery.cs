using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;

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

    /// <summary>A query in SQL, with the window's begin and end as $1 and $2. It answers one row: value, sample, the time of the newest of it (null: now), and up to 20 rows of evidence as a JSON array.</summary>
    public static NamedQuery OfSql(string name, string unit, string counts, string sample, string sql) => new(name, unit, counts, sample)
    {
        AskAsync = async (context, ct) =>
        {
            await using var command = new NpgsqlCommand(sql, context.Connection);
            command.Parameters.Add(new NpgsqlParameter { Value = context.From, NpgsqlDbType = NpgsqlDbType.TimestampTz });
            command.Parameters.Add(new NpgsqlParameter { Value = context.To, NpgsqlDbType = NpgsqlDbType.TimestampTz });
            await using var reader = await command.ExecuteReaderAsync(ct);
            await reader.ReadAsync(ct);
            return new QueryAnswer(
                reader.IsDBNull(0) ? null : Convert.ToDouble(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture),
                reader.GetInt64(1),
                reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
                reader.IsDBNull(3) ? [] : [.. JsonNode.Parse(reader.GetString(3))!.AsArray().Select(row => row!.AsObject())]);
        },
    };
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
