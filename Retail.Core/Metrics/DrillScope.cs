namespace Retail.Core.Metrics;

/// <summary>
/// What is done on behalf of a drill: everything recorded within the scope carries the drill's id, and goods that were made for it
/// can be seen. Flows with the call, as the request id does. Nothing but a proven drill request, the drill itself and the order
/// of a drill opens one.
/// </summary>
public static class DrillScope
{
    /// <summary>Addresses of people that a drill makes up end so; nothing is ever mailed to them.</summary>
    public const string MailDomain = "drill.invalid";

    private static readonly AsyncLocal<Guid?> Here = new();

    /// <summary>The drill; null in everyday life.</summary>
    public static Guid? Current => Here.Value;

    /// <summary>From here to the end of the scope all is done for this drill; null: for none.</summary>
    public static IDisposable Begin(Guid? drillId)
    {
        var scope = new Scope(Here.Value);
        Here.Value = drillId;
        return scope;
    }

    private sealed class Scope(Guid? before) : IDisposable
    {
        public void Dispose() => Here.Value = before;
    }
}
