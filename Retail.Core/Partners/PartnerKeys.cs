using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Partners;

/// <summary>Whose key it was.</summary>
public sealed record KnownPartner(Guid Id, string Name, bool IsActive);

/// <summary>Keys with which partners' programs send feeds: told once, kept as hashes, replaced with an overlap, taken away at once.</summary>
public sealed class PartnerKeys(RetailDbContext db, TimeProvider clock)
{
    private const string Beginning = "rpk_";

    /// <summary>The longest time that old keys go on working beside a new one.</summary>
    public static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(90);

    /// <summary>Makes a key. Keys that work go on for the overlap, so that the partner's programs can change over.</summary>
    /// <returns>The key itself: it can't be told a second time.</returns>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<string>> MakeAsync(Guid partnerId, TimeSpan overlap, CancellationToken ct)
    {
        if (overlap < TimeSpan.Zero || overlap > LongestOverlap) return new ServiceError(Refusal.Invalid, "bad_overlap", $"Choose for how long old keys go on: at most {LongestOverlap.TotalDays} days.", "Overlap");
        db.ChangeTracker.Clear();
        if (!await db.Partners.AnyAsync(p => p.Id == partnerId, ct)) return PartnerErrors.Unknown;
        var now = clock.GetUtcNow();
        var key = Beginning + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.PartnerKeys.Where(k => k.PartnerId == partnerId && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now + overlap))
            .ExecuteUpdateAsync(k => k.SetProperty(x => x.ExpiresAt, now + overlap), ct);
        db.PartnerKeys.Add(new PartnerKey { Id = Guid.CreateVersion7(now), PartnerId = partnerId, Hash = HashOf(key), Prefix = key[..(Beginning.Length + 6)], CreatedAt = now });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return key;
    }

    /// <summary>Takes a key away: it is refused from now on.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult> RevokeAsync(Guid partnerId, Guid keyId, CancellationToken ct)
    {
        var revoked = await db.PartnerKeys.Where(k => k.Id == keyId && k.PartnerId == partnerId && k.RevokedAt == null).ExecuteUpdateAsync(k => k.SetProperty(x => x.RevokedAt, clock.GetUtcNow()), ct);
        return revoked > 0 ? ServiceResult.Done : new ServiceError(Refusal.NotFound, "unknown_key", "This key is gone or was taken away already. Open the partner again to see its keys.");
    }

    /// <summary>Whose key it is; null when it opens nothing.</summary>
    public async Task<KnownPartner?> FindAsync(string key, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length is < 20 or > 100 || !key.StartsWith(Beginning, StringComparison.Ordinal)) return null;
        var (hash, now) = (HashOf(key), clock.GetUtcNow());
        var found = await (from k in db.PartnerKeys.AsNoTracking()
                           join p in db.Partners on k.PartnerId equals p.Id
                           where k.Hash == hash
                           select new { Key = k, Partner = new KnownPartner(p.Id, p.Name, p.IsActive) }).SingleOrDefaultAsync(ct);
        if (found is null || !found.Key.WorksAt(now)) return null;
        // Once a minute at most, so that a busy partner does not write a row for each question.
        if (found.Key.UsedAt is null || now - found.Key.UsedAt > TimeSpan.FromMinutes(1))
            await db.PartnerKeys.Where(k => k.Id == found.Key.Id).ExecuteUpdateAsync(k => k.SetProperty(x => x.UsedAt, now), ct);
        return found.Partner;
    }

    /// <summary>A random key needs no slow hash: it can't be guessed.</summary>
    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
