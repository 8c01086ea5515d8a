using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Retail.Core.Quality.Drills;

/// <summary>
/// How a request proves that it belongs to a drill: a token made with the store's own keys, which lie in its database. No shopper can
/// make one; it names the drill and ends after an hour.
/// </summary>
public sealed class DrillTokens(IDataProtectionProvider protection, TimeProvider clock)
{
    /// <summary>The header with the token.</summary>
    public const string Header = "X-Retail-Drill";

    /// <summary>The header with the name of a made-up buyer, whose attempts are counted apart; only read beside a good token.</summary>
    public const string BuyerHeader = "X-Retail-Drill-Buyer";

    private const int Remembered = 64;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly IDataProtector _protector = protection.CreateProtector("drill");
    private readonly ConcurrentDictionary<string, Proof> _known = new();

    /// <summary>A token of this drill.</summary>
    public string Make(Guid drillId) => _protector.Protect(string.Create(CultureInfo.InvariantCulture, $"{drillId:N}.{(clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds()}"));

    /// <summary>The drill that a token proves; null for whatever is no token of this store or has ended.</summary>
    public Guid? Read(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.Length is 0 or > 1000) return null;
        if (!_known.TryGetValue(token, out var proof))
        {
            if (Open(token) is not { } opened) return null;
            // What is forged is not remembered; what is good comes in few kinds.
            if (_known.Count >= Remembered) _known.Clear();
            _known[token] = proof = opened;
        }
        return proof.Ends > clock.GetUtcNow().ToUnixTimeSeconds() ? proof.DrillId : null;
    }

    private Proof? Open(string token)
    {
        try
        {
            return _protector.Unprotect(token).Split('.') is [var id, var ends] && Guid.TryParseExact(id, "N", out var drill)
                && long.TryParse(ends, NumberStyles.None, CultureInfo.InvariantCulture, out var second) ? new(drill, second) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private sealed record Proof(Guid DrillId, long Ends);
}
