using Microsoft.EntityFrameworkCore;
using Retail.Core.Data;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Carts;

/// <summary>Removes carts that nobody has changed for longer than a cart is kept. No unit is reserved by a cart, so none comes free.</summary>
public sealed class OldCarts(RetailDbContext db, TimeProvider clock) : IJob<NoArgs>
{
    internal static readonly JobDefinition Definition = new("old-carts") { Purpose = "Removes carts that nobody has changed for 30 days.", Cron = "0 23 * * * ?" };

    private const int AtATime = 1000;

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        var before = clock.GetUtcNow() - Cart.KeptFor;
        int removed;
        do
        {
            removed = await db.Carts.Where(cart => db.Carts.Where(old => old.UpdatedAt < before).OrderBy(old => old.UpdatedAt).Take(AtATime).Select(old => old.Id).Contains(cart.Id)).ExecuteDeleteAsync(ct);
        }
        while (removed == AtATime);
    }
}
