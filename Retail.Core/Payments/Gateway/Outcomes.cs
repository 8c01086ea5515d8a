namespace Retail.Core.Payments.Gateway;

/// <summary>What became of a charge; one of four.</summary>
public abstract record ChargeOutcome
{
    private ChargeOutcome() { }

    /// <summary>The money is ours.</summary>
    public sealed record Paid(string IntentId) : ChargeOutcome;

    /// <summary>The gateway refused for good: no money moved, and none will under this key.</summary>
    /// <param name="IntentId">Null when the gateway made no record of the attempt.</param>
    /// <param name="Code">Stable, such as <c>insufficient_funds</c>.</param>
    /// <param name="Message">For the shopper: what happened and what to do.</param>
    public sealed record Declined(string? IntentId, string Code, string Message) : ChargeOutcome;

    /// <summary>The money may or may not have moved: ask again later before anything else is done.</summary>
    /// <param name="Reason">Stable, for logs and metrics: <c>timed_out</c>, <c>unreachable</c>, <c>answered_503</c>, <c>circuit_open</c>.</param>
    /// <param name="CircuitOpen">Answered at once because the circuit is open; this call sent nothing.</param>
    /// <param name="IntentId">The charge that is still under way, if the gateway named one: it can be called off.</param>
    public sealed record Unknown(string Reason, bool CircuitOpen, string? IntentId = null) : ChargeOutcome;

    /// <summary>The gateway knows of no such charge.</summary>
    public sealed record NotFound : ChargeOutcome;
}

/// <summary>What became of a refund; one of four.</summary>
public abstract record RefundOutcome
{
    private RefundOutcome() { }

    /// <summary>Accepted: the money is on its way back.</summary>
    public sealed record Refunded(string RefundId) : RefundOutcome;

    /// <summary>Refused for good, such as more than is left of the charge.</summary>
    /// <param name="Code">Stable, such as <c>charge_already_refunded</c>.</param>
    /// <param name="Message">For the admin, in the gateway's words.</param>
    public sealed record Refused(string Code, string Message) : RefundOutcome;

    /// <summary>Send it again with the same key.</summary>
    /// <param name="Reason">As <see cref="ChargeOutcome.Unknown"/>.</param>
    /// <param name="CircuitOpen">As <see cref="ChargeOutcome.Unknown"/>.</param>
    public sealed record Unknown(string Reason, bool CircuitOpen) : RefundOutcome;

    /// <summary>The gateway knows of no such refund.</summary>
    public sealed record NotFound : RefundOutcome;
}

/// <summary>The answer to a question that moves no money; one of three.</summary>
public abstract record GatewayAnswer<T>
{
    private GatewayAnswer() { }

    /// <summary>What was asked for.</summary>
    public sealed record Given(T Value) : GatewayAnswer<T>;

    /// <summary>The gateway does not accept what was sent, such as a wrong card number.</summary>
    /// <param name="Code">Stable, such as <c>incorrect_number</c>.</param>
    /// <param name="Message">For the shopper: what happened and what to do.</param>
    public sealed record Refused(string Code, string Message) : GatewayAnswer<T>;

    /// <summary>No answer; ask again later.</summary>
    /// <param name="Reason">As <see cref="ChargeOutcome.Unknown"/>.</param>
    /// <param name="CircuitOpen">As <see cref="ChargeOutcome.Unknown"/>.</param>
    public sealed record Unknown(string Reason, bool CircuitOpen) : GatewayAnswer<T>;
}
