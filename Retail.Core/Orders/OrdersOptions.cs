using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Orders;

/// <summary>Settings "Orders".</summary>
public sealed class OrdersOptions
{
    /// <summary>The most callers that wait for the intake; the next is told at once that the store is busy.</summary>
    [Range(1, 100_000)] public int QueueLimit { get; init; } = 4000;

    /// <summary>The most orders in one transaction: beyond a few hundred latency grows and the rate does not.</summary>
    [Range(1, 2000)] public int BatchLimit { get; init; } = 300;

    /// <summary>Charges of orders that came through the API that run at once.</summary>
    [Range(1, 64)] public int ChargesAtOnce { get; init; } = 4;
}
