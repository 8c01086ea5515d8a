using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Carts;
using Retail.Core.Catalog;
using Retail.Core.Orders;
using Retail.Core.Payments;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages.Orders;

/// <summary>One order, for who placed it: the customer, or the guest's browser. Another's is as if it were not there.</summary>
[Personal]
public sealed class DetailsModel(OrderQueries orders, OrderService service, ShippingRates shipping, CatalogQueries catalog, CurrentShopper shopper) : PageModel
{
    private IReadOnlyDictionary<string, ProductCard> _products = null!;

    public OrderView Order { get; private set; } = null!;

    /// <summary>It was placed a moment ago in this browser.</summary>
    public bool IsNew { get; private set; }

    [TempData] public Guid? JustPlaced { get; set; }

    public ShippingMethod? Method => shipping.Find(Order.ShippingMethod);

    public PaymentView? Payment => Order.Payments.Count > 0 ? Order.Payments[^1] : null;

    /// <summary>The money has moved, or is about to.</summary>
    public bool IsPaid => Payment?.Status == PaymentStatus.Captured;

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        IsNew = JustPlaced == id;
        return Page();
    }

    public async Task<IActionResult> OnPostCancelAsync(Guid id, CancellationToken ct)
    {
        if (!await FindAsync(id, ct)) return NotFound();
        var cancelled = await service.CancelAsync(id, "shopper", "You cancelled it.", ct);
        if (cancelled.Error is not { } refusal) return LocalRedirect($"/orders/{id}");
        await FindAsync(id, ct);   // it may have left meanwhile
        return this.Refuse(refusal);
    }

    /// <summary>The product as it is sold today; null when it no longer is.</summary>
    public ProductCard? ProductOf(OrderLineView line) => _products.GetValueOrDefault(line.Slug);

    public string? PictureOf(OrderLineView line)
    {
        if (ProductOf(line) is not { Pictures.Count: > 0 } product) return null;
        var own = product.Variants.FirstOrDefault(v => v.Sku == line.Sku)?.PictureId;
        return (product.Pictures.FirstOrDefault(p => p.Id == own) ?? product.Pictures[0]).Path;
    }

    private async Task<bool> FindAsync(Guid id, CancellationToken ct)
    {
        var order = shopper.CustomerId is { } customer ? await orders.FindForCustomerAsync(id, customer, ct) : null;
        if (order is null && shopper.RemembersOrder(id)) order = await orders.FindForGuestAsync(id, ct);
        if (order is null) return false;
        (Order, _products) = (order, await catalog.FindAllAsync(order.Lines.Select(l => l.Slug), ct));
        return true;
    }
}
