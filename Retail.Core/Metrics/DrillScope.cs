namespace Retail.Core.Metrics;

/// <summary>The drill that the running code works for: its id goes into every metric row that is recorded meanwhile, so that evidence
/// stays apart from real shoppers, and the drill's goods can be seen. It follows awaits and started tasks.</summary>
public static class DrillScope
{
    /// <summary>Addresses of people that a drill makes up end so; nothing is ever mailed to them.</summary>
    public const string MailDomain = "drill.invalid";

    private static readonly AsyncLocal<Guid?> Ambient = new();

    /// <summary>The drill's id from here on in this flow of execution; null outside of drills.</summary>
    public static Guid? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>The drill that made up this address; null when none did.</summary>
    public static Guid? OfAddress(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.EndsWith($".{MailDomain}", StringComparison.Ordinal) && Guid.TryParseExact(address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..^(MailDomain.Length + 1)], "N", out var id) ? id : null;
    }

    /// <summary>From here to the end of the scope all is done for this drill; null: for none.</summary>
    public static IDisposable Begin(Guid? drillId)
    {
        var scope = new Scope(Current);
        Current = drillId;
        return scope;
    }

    private sealed class Scope(Guid? before) : IDisposable
    {
        public void Dispose() => Current = before;
    }
}
