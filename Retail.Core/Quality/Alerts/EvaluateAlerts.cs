using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Data;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Quality.Alerts;

/// <summary>Looks at every rule. What begins to fire, or is resolved, is written down together with the promise to tell people.</summary>
public sealed class EvaluateAlerts(RetailDbContext db, NpgsqlDataSource database, AlertMessages messages, TimeProvider clock, ILogger<EvaluateAlerts> logger) : IJob<NoArgs>
{
    private const long OneAtATime = 0x616c_6572_7473;   // "alerts"

    /// <inheritdoc/>
    /// <exception cref="AggregateException">Some rules could not be asked; all others were.</exception>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({OneAtATime}) AS \"Value\"").SingleAsync(ct)) return;
        var now = clock.GetUtcNow();
        var rows = await db.Alerts.ToDictionaryAsync(a => a.Rule, ct);
        var broken = new List<Exception>();
        foreach (var rule in AlertRules.All)
        {
            if (!rows.TryGetValue(rule.Name, out var alert)) db.Alerts.Add(alert = new Alert { Rule = rule.Name, Since = now });
            try
            {
                var (value, sample, detail) = await MeasureAsync(rule, now, ct);
                if (alert.Take(rule, value, sample, detail, now) is { } kind) await TellAsync(rule, alert, kind, now, ct);
            }
            // One question that can't be answered must not silence the others; the job fails in the end and says which.
            catch (PostgresException e)
            {
                broken.Add(new InvalidOperationException($"The alert {rule.Name} could not be evaluated: {e.MessageText}", e));
            }
        }
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        if (broken.Count > 0) throw new AggregateException(broken);
    }

    private async Task TellAsync(AlertRule rule, Alert alert, AlertEventKind kind, DateTimeOffset now, CancellationToken ct)
    {
        var happened = new AlertEvent
        {
            Id = Guid.CreateVersion7(now),
            Rule = rule.Name,
            Kind = kind,
            At = now,
            By = "worker",
            Value = alert.Value,
            Threshold = alert.Threshold ?? rule.Threshold,
            Note = alert.IsSilent(now) ? "silenced: nobody was told" : alert.Detail,
        };
        db.AlertEvents.Add(happened);
        if (kind == AlertEventKind.Fired) logger.Fired(rule.Name, rule.Title, alert.Value, happened.Threshold);
        else logger.Resolved(rule.Name, rule.Title);
        if (!alert.IsSilent(now)) await messages.PromiseAsync(rule, happened, ct);
    }

    // On a connection of its own: a rule that fails must not break the transaction that the others are written in.
    private async Task<(double? Value, long Sample, string? Detail)> MeasureAsync(AlertRule rule, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = database.CreateCommand(rule.Sql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return (null, 0, null);
        var detail = await reader.IsDBNullAsync(2, ct) ? null : reader.GetString(2);
        return (await reader.IsDBNullAsync(0, ct) ? null : Convert.ToDouble(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture), reader.GetInt64(1),
            detail?.Length > AlertMap.LongestNote ? detail[..AlertMap.LongestNote] : detail);
    }
}

internal static partial class AlertsLog
{
    [LoggerMessage(EventId = 8201, Level = LogLevel.Warning, Message = "Alert {Rule} fires: {Title} ({Value}, threshold {Threshold})")]
    public static partial void Fired(this ILogger logger, string rule, string title, double? value, double threshold);

    [LoggerMessage(EventId = 8202, Level = LogLevel.Information, Message = "Alert {Rule} is resolved: {Title}")]
    public static partial void Resolved(this ILogger logger, string rule, string title);
}
