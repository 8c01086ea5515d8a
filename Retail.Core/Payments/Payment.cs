using Retail.Core.Common;

namespace Retail.Core.Payments;

/// <summary>Where one attempt to charge stands.</summary>
public enum PaymentStatus
{
    /// <summary>About to be asked for, or being asked for.</summary>
    Started,

    /// <summary>The gateway captured the money.</summary>
    Captured,

    /// <summary>The bank said no.</summary>
    Declined,

    /// <summary>No answer: it may or may not have been charged; the gateway is asked before it is tried again.</summary>
    Unknown,
}

/// <summary>An attempt to charge an order: a row whether it succeeds or fails, so that rates have denominators.</summary>
public sealed class Payment
{
    private Payment() { }

    /// <summary>Key; also the gateway's idempotency key, so that a repeated call charges once.</summary>
    public Guid Id { get; private init; }

    /// <summary>The order.</summary>
    public Guid OrderId { get; private init; }

    /// <summary>What is charged.</summary>
    public Money Amount { get; private init; }

    /// <summary>Where it stands.</summary>
    public PaymentStatus Status { get; private set; }

    /// <summary>The gateway's token of the card: never the number.</summary>
    public string MethodId { get; private init; } = "";

    /// <summary>Such as visa.</summary>
    public string CardBrand { get; private init; } = "";

    /// <summary>Last four digits, to be recognised by.</summary>
    public string CardLast4 { get; private init; } = "";

    /// <summary>The gateway's id of the payment, once known.</summary>
    public string? GatewayId { get; private set; }

    /// <summary>The gateway's code of a decline, or what failed.</summary>
    public string? Code { get; private set; }

    /// <summary>When the attempt was written, UTC.</summary>
    public DateTimeOffset StartedAt { get; private init; }

    /// <summary>When the last answer came, UTC.</summary>
    public DateTimeOffset? AnsweredAt { get; private set; }

    /// <summary>Calls of the gateway for this attempt, first and repeated ones.</summary>
    public int Tries { get; private set; }

    /// <summary>The gateway's answer; a captured payment stays captured.</summary>
    public void Answer(PaymentStatus status, string? gatewayId, string? code, DateTimeOffset now)
    {
        if (Status is PaymentStatus.Captured or PaymentStatus.Declined) throw new InvalidOperationException($"Payment {Id} is {Status}.");
        (Status, GatewayId, Code, AnsweredAt) = (status, gatewayId ?? GatewayId, code, now);
        Tries++;
    }
}
