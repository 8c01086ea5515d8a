using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;

namespace Retail.Core.Quality.Alerts;

/// <summary>A rule and where it stands.</summary>
public sealed record AlertView(AlertRule Rule, Alert Alert)
{
    /// <summary>The threshold that counts.</summary>
    public double Threshold => Alert.Threshold ?? Rule.Threshold;
}

/// <summary>Reads alerts: for admins only.</summary>
public sealed class AlertQueries(RetailDbContext db, TimeProvider clock)
{
    /// <summary>Rows on a page of the history.</summary>
    public const int PageSize = 25;

    /// <summary>All rules: what fires first, then what is pending, critical before warning.</summary>
    public async Task<IReadOnlyList<AlertView>> ListAsync(CancellationToken ct)
    {
        var rows = await db.Alerts.AsNoTracking().ToDictionaryAsync(a => a.Rule, ct);
        return [.. AlertRules.All.Select(rule => new AlertView(rule, rows.GetValueOrDefault(rule.Name) ?? Unseen(rule)))
            .OrderByDescending(v => v.Alert.State).ThenByDescending(v => v.Rule.Severity)];
    }

    /// <summary>One rule; null when there is none of this name.</summary>
    public async Task<AlertView?> FindAsync(string name, CancellationToken ct) => AlertRules.Find(name) is not { } rule
        ? null : new(rule, await db.Alerts.AsNoTracking().SingleOrDefaultAsync(a => a.Rule == name, ct) ?? Unseen(rule));

    /// <summary>How many fire at this moment.</summary>
    public Task<int> FiringAsync(CancellationToken ct) => db.Alerts.CountAsync(a => a.State == AlertState.Firing, ct);

    /// <summary>A page of what happened, newest first.</summary>
    /// <param name="rule">Only of this rule; null for all.</param>
    /// <param name="page">From 1.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task<PageOf<AlertEvent>> HistoryAsync(string? rule, int page, CancellationToken ct)
    {
        IQueryable<AlertEvent> events = db.AlertEvents.AsNoTracking();
        if (rule is not null) events = events.Where(e => e.Rule == rule);
        var total = await events.CountAsync(ct);
        page = Math.Clamp(page, 1, Math.Max(1, (total + PageSize - 1) / PageSize));
        var rows = await events.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Skip((page - 1) * PageSize).Take(PageSize).ToListAsync(ct);
        return new(rows, page, PageSize, total);
    }

    private Alert Unseen(AlertRule rule) => new() { Rule = rule.Name, Since = clock.GetUtcNow(), EvaluatedAt = clock.GetUtcNow() };
}
