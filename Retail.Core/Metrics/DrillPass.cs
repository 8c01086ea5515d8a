using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Retail.Core.Metrics;

/// <summary>The proof in a request's header that it belongs to a drill. Sealed with the store's own keys: a stranger can't hide
/// an order from the sales figures.</summary>
public sealed class DrillPass(IDataProtectionProvider protection)
{
    /// <summary>The request header that carries the pass.</summary>
    public const string Header = "X-Retail-Drill";

    /// <summary>A pass is good for so long.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(2);

    private readonly ITimeLimitedDataProtector _seal = protection.CreateProtector("drill").ToTimeLimitedDataProtector();

    /// <summary>A pass for a drill's requests.</summary>
    public string For(Guid drillId) => _seal.Protect(drillId.ToString(), Lifetime);

    /// <summary>The drill that a header proves; null for one that is forged or old.</summary>
    public Guid? Read(string header)
    {
        try
        {
            return Guid.Parse(_seal.Unprotect(header));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
