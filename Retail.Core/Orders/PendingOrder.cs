using System.Diagnostics;
using Retail.Core.Carts;
using Retail.Core.Common;
using Retail.Core.Common.Logs;
using Retail.Core.Metrics;

namespace Retail.Core.Orders;

/// <summary>An order request on its way through the intake, and the promise of an answer.</summary>
public sealed class PendingOrder(OrderRequest request, ShippingMethod shippingMethod)
{
    // The waiting caller must not run on the writer's thread.
    private readonly TaskCompletionSource<ServiceResult<AcceptedOrder>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _asked = Stopwatch.GetTimestamp();
    private ServiceResult<AcceptedOrder>? _decided;

    /// <summary>What was asked for.</summary>
    public OrderRequest Request { get; } = request;

    /// <summary>How it is sent.</summary>
    public ShippingMethod ShippingMethod { get; } = shippingMethod;

    /// <summary>What was ordered, as a hash.</summary>
    public string Hash { get; } = request.Hash();

    /// <summary>The request that asked; what is promised for the order carries it on.</summary>
    internal string? RequestId { get; } = RequestScope.RequestId;

    /// <summary>The drill that asked; null for a shopper.</summary>
    internal Guid? DrillId { get; } = DrillScope.Current;

    /// <summary>Code of a refusal, or accepted; once decided.</summary>
    internal string Outcome => _decided?.Error?.Code ?? "accepted";

    /// <summary>Since it was asked for.</summary>
    internal TimeSpan Age => Stopwatch.GetElapsedTime(_asked);

    /// <summary>Comes when the commit has returned.</summary>
    public Task<ServiceResult<AcceptedOrder>> Answer => _answer.Task;

    /// <summary>The batch has decided; nobody is told before its commit returned.</summary>
    internal void Decide(ServiceResult<AcceptedOrder> decision) => _decided = decision;

    internal bool IsDecided => _decided is not null;

    /// <summary>The commit did not return: what was decided is void.</summary>
    internal void Forget() => _decided = null;

    internal void Release() => _answer.TrySetResult(_decided ?? throw new InvalidOperationException("A batch left an order undecided."));

    internal void Refuse(ServiceError error)
    {
        Decide(error);
        Release();
    }
}
