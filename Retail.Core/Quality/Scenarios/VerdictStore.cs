using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Scenarios;

/// <summary>Keeps verdicts: a new row when something changed and each hour, so that the table stays small; otherwise the last row is confirmed.</summary>
public sealed class VerdictStore(NpgsqlDataSource database, IOptions<ScenarioOptions> options, ILogger<VerdictStore> logger)
{
    private const long LockKey = 0x7665_7264_6963_74;   // "verdict"
    private static readonly TimeSpan LongestRow = TimeSpan.FromHours(1);

    /// <summary>Longer than this without a look, and what was in between is not known.</summary>
    internal static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(5);

    private const string Latest = """
        SELECT DISTINCT ON (scenario) scenario, id, status, is_change, release, catalogue, evaluated_at, confirmed_at,
            (SELECT jsonb_agg(jsonb_build_array(m->'measure', m->'status')) FROM jsonb_array_elements(measures) m)::text
        FROM verdicts ORDER BY scenario, id DESC
        """;

    private const string Add = """
        INSERT INTO verdicts (scenario, status, is_change, measures, catalogue, release, node, evaluated_at, confirmed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
        """;

    private const string Confirm = "UPDATE verdicts SET measures = $2, node = $3, confirmed_at = $4 WHERE id = $1";

    private const string Forget = "DELETE FROM verdicts v WHERE v.confirmed_at < $1 AND EXISTS (SELECT 1 FROM verdicts newer WHERE newer.scenario = v.scenario AND newer.id > v.id)";

    /// <summary>Writes what was found. Processes that do so at once take turns; what was found earlier than what stands there already is left out.</summary>
    public async Task KeepAsync(IReadOnlyList<ScenarioVerdict> verdicts, CancellationToken ct)
    {
        if (verdicts.Count == 0) return;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var turn = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({LockKey})", connection)) await turn.ExecuteNonQueryAsync(ct);
        var latest = await ReadLatestAsync(connection, ct);
        await using var batch = new NpgsqlBatch(connection);
        var changed = new List<(ScenarioVerdict Verdict, string? Before)>();
        foreach (var verdict in verdicts)
        {
            var last = latest.GetValueOrDefault(verdict.Scenario);
            if (last is not null && verdict.EvaluatedAt < last.ConfirmedAt) continue;
            var json = JsonSerializer.Serialize(verdict.Measures, Verdicts.Json);
            var isChange = last?.Status != verdict.Status.Code();
            if (isChange) changed.Add((verdict, last?.Status));
            // The first moment of a stretch stays as it was found, and a time in which nobody looked stays a gap.
            if (last is null || isChange || last.IsChange || last.Release != MetricRecorder.Release || last.Catalogue != verdict.Catalogue || last.Signature != SignatureOf(verdict)
                || verdict.EvaluatedAt - last.EvaluatedAt >= LongestRow || verdict.EvaluatedAt - last.ConfirmedAt >= LongestGap)
                batch.BatchCommands.Add(new(Add)
                {
                    Parameters =
                    {
                        new() { Value = verdict.Scenario }, new() { Value = verdict.Status.Code() }, new() { Value = isChange }, Jsonb(json), new() { Value = verdict.Catalogue },
                        new() { Value = MetricRecorder.Release }, new() { Value = MetricRecorder.Node }, new() { Value = verdict.EvaluatedAt },
                    },
                });
            else
                batch.BatchCommands.Add(new(Confirm) { Parameters = { new() { Value = last.Id }, Jsonb(json), new() { Value = MetricRecorder.Node }, new() { Value = verdict.EvaluatedAt } } });
        }
        batch.BatchCommands.Add(new(Forget) { Parameters = { new() { Value = verdicts[0].EvaluatedAt - TimeSpan.FromDays(options.Value.VerdictDays) } } });
        await batch.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        foreach (var (verdict, before) in changed)
        {
            var (decisive, word) = (verdict.Decisive, verdict.Status.Word());
            if (verdict.Status == VerdictStatus.Fail) logger.ScenarioFails(verdict.Scenario, decisive.Measure, decisive.Says);
            else if (before == VerdictStatus.Fail.Code()) logger.ScenarioIsBack(verdict.Scenario, word);
        }
    }

    private static async Task<Dictionary<string, Last>> ReadLatestAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Latest, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var latest = new Dictionary<string, Last>();
        while (await reader.ReadAsync(ct))
            latest[reader.GetString(0)] = new(reader.GetInt64(1), reader.GetString(2), reader.GetBoolean(3), reader.GetString(4), reader.GetString(5), reader.GetFieldValue<DateTimeOffset>(6), reader.GetFieldValue<DateTimeOffset>(7),
                reader.IsDBNull(8) ? "" : string.Join('\n', JsonSerializer.Deserialize<string[][]>(reader.GetString(8))!.Select(m => string.Join(' ', m))));
        return latest;
    }

    // What makes two verdicts the same, though the numbers move: each measure as it is written, and what it says.
    private static string SignatureOf(ScenarioVerdict verdict) => string.Join('\n', verdict.Measures.Select(m => $"{m.Measure} {m.Status.Code()}"));

    private static NpgsqlParameter Jsonb(string json) => new() { Value = json, NpgsqlDbType = NpgsqlDbType.Jsonb };

    private sealed record Last(long Id, string Status, bool IsChange, string Release, string Catalogue, DateTimeOffset EvaluatedAt, DateTimeOffset ConfirmedAt, string Signature);
}
