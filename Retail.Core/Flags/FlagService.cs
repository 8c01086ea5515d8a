using Microsoft.EntityFrameworkCore;
using Retail.Core.Data;

namespace Retail.Core.Flags;

/// <summary>Where a flag stands and who put it there.</summary>
/// <param name="Flag">Which.</param>
/// <param name="IsOn">The newer path is taken.</param>
/// <param name="Since">When somebody set it, UTC; null while the environment decides.</param>
/// <param name="By">Who set it; null while the environment decides.</param>
public sealed record FlagState(FeatureFlag Flag, bool IsOn, DateTimeOffset? Since, string? By);

/// <summary>Switches flags for all nodes, and tells who did.</summary>
public sealed class FlagService(RetailDbContext db, FeatureFlags flags)
{
    private const int ChangesShown = 50;

    /// <summary>All flags as the database has them.</summary>
    public async Task<IReadOnlyList<FlagState>> ListAsync(CancellationToken ct)
    {
        var rows = await db.FeatureFlags.AsNoTracking().ToDictionaryAsync(f => f.Name, StringComparer.OrdinalIgnoreCase, ct);
        return [.. FeatureFlags.All.Select(flag => rows.TryGetValue(flag.ToString(), out var row)
            ? new FlagState(flag, row.IsOn, row.ChangedAt, row.ChangedBy) : new FlagState(flag, flags.ByEnvironment(flag), null, null))];
    }

    /// <summary>The last changes, newest first.</summary>
    public async Task<IReadOnlyList<FeatureFlagChange>> HistoryAsync(CancellationToken ct) =>
        await db.FeatureFlagChanges.AsNoTracking().OrderByDescending(c => c.Id).Take(ChangesShown).ToListAsync(ct);

    /// <summary>Switches a flag on every node; a flag that stands so already is left alone, and so is its history.</summary>
    /// <param name="flag">Which.</param>
    /// <param name="on">On: the newer path.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="ct">Stops the work.</param>
    /// <returns>Whether it stood otherwise.</returns>
    public async Task<bool> SwitchAsync(FeatureFlag flag, bool on, string by, CancellationToken ct) => await db.Database.ExecuteSqlAsync($"""
        INSERT INTO feature_flags AS f (name, is_on, changed_by) VALUES ({NameOf(flag)}, {on}, {by})
        ON CONFLICT (name) DO UPDATE SET is_on = excluded.is_on, changed_by = excluded.changed_by WHERE f.is_on <> excluded.is_on
        """, ct) > 0;

    /// <summary>Takes the row away: the environment variable decides again, on each node its own.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> ClearAsync(FeatureFlag flag, string by, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync($"SELECT set_config('retail.actor', {by}, true)", ct);
        var taken = await db.Database.ExecuteSqlAsync($"DELETE FROM feature_flags WHERE name = {NameOf(flag)}", ct);
        await transaction.CommitAsync(ct);
        return taken > 0;
    }

    /// <summary>The flag's name in the table.</summary>
    internal static string NameOf(FeatureFlag flag) => flag.ToString().ToUpperInvariant();
}
