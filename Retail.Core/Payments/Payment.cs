using Retail.Core.Common;
using Retail.Core.Payments.Gateway;

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

    /// <summary>Never charged: the gateway did not take it in time, or the order was cancelled before.</summary>
    Abandoned,

    /// <summary>No answer: it may or may not have been charged; the gateway is asked before it is tried again.</summary>
    Unknown,
}

/// <summary>An attempt to charge an order: a row whether it succeeds or fails, so that rates have denominators.</summary>
public sealed class Payment
{
    private Payment() { }

    /// <summary>Key.</summary>
    public Guid Id { get; private init; }

    /// <summary>The first attempt, when this one repeats it: they share the gateway's key, so that they charge once.</summary>
    public Guid? Repeats { get; private init; }

    /// <summary>The gateway's idempotency key.</summary>
    public string Key => (Repeats ?? Id).ToString();

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

    /// <summary>Answers of the gateway about this attempt, of whatever kind.</summary>
    public int Tries { get; private set; }

    /// <summary>The circuit when the last answer came, or was given up.</summary>
    public CircuitState? Circuit { get; private set; }

    /// <summary>Whether the money moved is not known.</summary>
    public bool IsOpen => Status is PaymentStatus.Started or PaymentStatus.Unknown;

    /// <summary>A further attempt to charge the same card for the same order, under the same key.</summary>
    public Payment Again(DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Repeats = Repeats ?? Id,
        OrderId = OrderId,
        Amount = Amount,
        Status = PaymentStatus.Started,
        MethodId = MethodId,
        CardBrand = CardBrand,
        CardLast4 = CardLast4,
        StartedAt = now,
    };

    /// <summary>The gateway's answer. What is captured stays captured; any other end gives way to nothing but the news that it was captured after all.</summary>
    public void Answer(PaymentStatus status, string? gatewayId, string? code, CircuitState circuit, DateTimeOffset now)
    {
        if (Status == PaymentStatus.Captured || (!IsOpen && status != PaymentStatus.Captured))
            throw new InvalidOperationException($"Payment {Id} is {Status}.");
        (Status, GatewayId, Code, Circuit, AnsweredAt) = (status, gatewayId ?? GatewayId, code, circuit, now);
        Tries++;
    }
}
