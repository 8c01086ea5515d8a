using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Retail.Web.GatewaySimulator;

/// <summary>What goes wrong with a call.</summary>
internal enum FaultMode
{
    None,

    /// <summary>Charges are declined, whatever the card.</summary>
    Decline,

    /// <summary>Calls are answered late, and acted upon even if nobody waits any more.</summary>
    Delay,

    /// <summary>Calls are never answered, nor acted upon.</summary>
    Hang,

    /// <summary>Calls are answered with HTTP 500 and not acted upon.</summary>
    [JsonStringEnumMemberName("error500")]
    Error500,

    /// <summary>The connection is cut; the call is not acted upon.</summary>
    Cut,

    /// <summary>What changes the books does so, then the connection is cut instead of an answer.</summary>
    SucceedSilently,
}

/// <summary>A setting of <see cref="SimulatorFaults"/>.</summary>
/// <param name="Mode">What goes wrong.</param>
/// <param name="Share">The share of calls that it hits, by chance; 1 is all.</param>
/// <param name="DelayMs">For <see cref="FaultMode.Delay"/>.</param>
/// <param name="Calls">So many hits, then it is over; null: until it is cleared.</param>
/// <param name="Vault">It hits the card vault too; otherwise cards still become tokens.</param>
/// <param name="Drill">It hits the calls of this drill alone; null: everybody's.</param>
internal sealed record Fault(
    FaultMode Mode, [property: Range(0d, 1d)] double Share = 1, [property: Range(0, 600_000)] int DelayMs = 3000, [property: Range(1, int.MaxValue)] int? Calls = null,
    bool Vault = false, Guid? Drill = null);

/// <summary>The faults of this process's simulator.</summary>
internal sealed class SimulatorFaults
{
    private static readonly Fault Clear = new(FaultMode.None);
    private readonly Lock _lock = new();
    private Fault _now = Clear;

    public Fault Now
    {
        get { lock (_lock) return _now; }
        set { lock (_lock) _now = value; }
    }

    public void Reset() => Now = Clear;

    /// <summary>The fault that hits the next call, which may be none.</summary>
    /// <param name="atVault">The call is about a card, not about money.</param>
    /// <param name="drill">The drill on whose behalf it is made, or null.</param>
    public Fault Strike(bool atVault, Guid? drill)
    {
        lock (_lock)
        {
            if ((atVault && !_now.Vault) || (_now.Drill is { } only && only != drill)) return Clear;
            if (_now.Mode == FaultMode.None || Random.Shared.NextDouble() >= _now.Share) return Clear;
            var hit = _now;
            if (hit.Calls is { } left) _now = left > 1 ? hit with { Calls = left - 1 } : Clear;
            return hit;
        }
    }
}
