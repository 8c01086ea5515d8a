namespace Retail.Core.Metrics;

/// <summary>The drill that the running code works for: its id goes into every metric row that is recorded meanwhile, so that evidence
/// stays apart from real shoppers. It follows awaits and started tasks.</summary>
public static class DrillScope
{
    private static readonly AsyncLocal<Guid?> Ambient = new();

    /// <summary>The drill's id from here on in this flow of execution; null outside of drills.</summary>
    public static Guid? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }
}
