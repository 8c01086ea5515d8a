using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Quality.Alerts;

/// <summary>What an admin says about an alert; each word is a row of its history.</summary>
public sealed class AlertService(RetailDbContext db, TimeProvider clock)
{
    /// <summary>The longest silence, in minutes: a week.</summary>
    public const int LongestSilence = 7 * 24 * 60;

    /// <summary>"I am on it": said once while it fires.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> AcknowledgeAsync(string rule, string by, CancellationToken ct)
    {
        if (await FindAsync(rule, ct) is not { } found) return AlertErrors.Unknown;
        if (found.Alert.State != AlertState.Firing) return AlertErrors.NotFiring;
        (found.Alert.AcknowledgedBy, found.Alert.AcknowledgedAt) = (by, clock.GetUtcNow());
        return await SaveAsync(found, AlertEventKind.Acknowledged, by, null, ct);
    }

    /// <summary>Nobody is told for so many minutes; 0 ends a silence.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> SilenceAsync(string rule, int minutes, string by, CancellationToken ct)
    {
        if (minutes is not 0 and (< 15 or > LongestSilence)) return AlertErrors.BadSilence;
        if (await FindAsync(rule, ct) is not { } found) return AlertErrors.Unknown;
        found.Alert.SilencedUntil = minutes == 0 ? null : clock.GetUtcNow().AddMinutes(minutes);
        return await SaveAsync(found, minutes == 0 ? AlertEventKind.Unsilenced : AlertEventKind.Silenced, by, minutes == 0 ? null : $"for {minutes} minutes", ct);
    }

    /// <summary>Sets another threshold; null brings the rule's own back. It counts from the next look on.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> SetThresholdAsync(string rule, double? threshold, string by, CancellationToken ct)
    {
        if (threshold is not (null or (>= 0 and <= 1_000_000))) return AlertErrors.BadThreshold;
        if (await FindAsync(rule, ct) is not { } found) return AlertErrors.Unknown;
        var before = found.Alert.Threshold ?? found.Rule.Threshold;
        found.Alert.Threshold = threshold;
        return await SaveAsync(found, AlertEventKind.ThresholdSet, by, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"was {before:0.###}"), ct);
    }

    private async Task<(AlertRule Rule, Alert Alert)?> FindAsync(string name, CancellationToken ct)
    {
        if (AlertRules.Find(name) is not { } rule) return null;
        var alert = await db.Alerts.SingleOrDefaultAsync(a => a.Rule == name, ct);
        if (alert is null) db.Alerts.Add(alert = new Alert { Rule = name, Since = clock.GetUtcNow(), EvaluatedAt = clock.GetUtcNow() });
        return (rule, alert);
    }

    private async Task<ServiceResult> SaveAsync((AlertRule Rule, Alert Alert) found, AlertEventKind kind, string by, string? note, CancellationToken ct)
    {
        db.AlertEvents.Add(new AlertEvent
        {
            Id = Guid.CreateVersion7(clock.GetUtcNow()),
            Rule = found.Rule.Name,
            Kind = kind,
            At = clock.GetUtcNow(),
            By = by,
            Value = found.Alert.Value,
            Threshold = found.Alert.Threshold ?? found.Rule.Threshold,
            Note = note,
        });
        await db.SaveChangesAsync(ct);
        return ServiceResult.Done;
    }
}
