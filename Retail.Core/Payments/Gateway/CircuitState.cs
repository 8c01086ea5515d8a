namespace Retail.Core.Payments.Gateway;

/// <summary>Whether calls reach the gateway.</summary>
public enum CircuitState
{
    /// <summary>They do.</summary>
    Closed,

    /// <summary>None does: each is answered at once.</summary>
    Open,

    /// <summary>One does, to see whether the gateway is back.</summary>
    HalfOpen,
}

/// <summary>Names of states.</summary>
public static class CircuitStateNames
{
    /// <summary>The name in metrics: CLOSED, OPEN or HALF_OPEN (D1-44).</summary>
    public static string MetricName(this CircuitState state) => state switch
    {
        CircuitState.Closed => "CLOSED",
        CircuitState.Open => "OPEN",
        CircuitState.HalfOpen => "HALF_OPEN",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };
}
