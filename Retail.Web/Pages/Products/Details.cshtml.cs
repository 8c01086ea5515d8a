using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Options;
using Retail.Core.Carts;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages.Products;

/// <summary>One product, and the form that puts it into the cart.</summary>
[OutputCache(PolicyName = PageCache.Product)]
public sealed class DetailsModel(CatalogQueries catalog, CartService carts, CurrentShopper shopper, IOptions<StoreOptions> store, ShippingRates shipping) : PageModel
{
    public const int RelatedShown = 4;
    private const int SummaryLength = 158;

    private static readonly ServiceError NotMade = new(Refusal.NotFound, "no_such_variant", "It is not made in this combination. Choose another one.");

    public ProductCard Product { get; private set; } = null!;

    public VariantCard Variant { get; private set; } = null!;

    /// <summary>As it was typed, so that a refused form shows it again.</summary>
    [BindProperty] public string? Quantity { get; set; } = "1";

    [BindProperty] public Guid? VariantId { get; set; }

    public string Currency => store.Value.Currency;

    public ShippingMethod Delivery => shipping.Methods[0];

    public ProductGrid Related { get; private set; } = null!;

    /// <summary>The pictures, that of the shown variant first.</summary>
    public IEnumerable<PictureCard> Pictures => Product.Pictures.OrderBy(p => p.Id == Variant.PictureId ? 0 : 1);

    public IEnumerable<string> Paragraphs => Product.Description.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The start of the description, for search engines.</summary>
    public string Summary => string.Join(' ', Paragraphs) is { Length: > SummaryLength } text
        ? string.Concat(text.AsSpan(0, Math.Max(text.LastIndexOf(' ', SummaryLength), SummaryLength / 2)), " …") : string.Join(' ', Paragraphs);

    public int StockStep => Core.Catalog.StockStep.Of(Variant.Available);

    /// <summary>The most units that the field takes; in steps like the stock, so that the page can be kept.</summary>
    public int MostUnits => Math.Min(StockStep is > 0 and <= Core.Catalog.StockStep.Few ? StockStep : Cart.MaxQuantityPerLine, Variant.RunningFlash?.LimitPerCustomer ?? Cart.MaxQuantityPerLine);

    public string AddressOf(VariantCard variant) => $"/products/{Product.Slug}?{VariantChoice.SkuParameter}={Uri.EscapeDataString(variant.Sku)}";

    public async Task<IActionResult> OnGetAsync(string slug, CancellationToken ct)
    {
        if (!await FindAsync(slug, ct)) return NotFound();
        var product = Product;
        Variant = VariantChoice.Shown(product, Request.Query[VariantChoice.SkuParameter]);
        // The form without scripts sends what was chosen; the address then names the variant.
        if (VariantChoice.Read(product, name => Request.Query[name]) is not { } chosen) return Page();
        var before = Guid.TryParse(Request.Query["variantId"], out var id) ? product.FindVariant(id) : null;
        return Redirect(AddressOf(VariantChoice.Nearest(product, chosen, before ?? Variant)));
    }

    public async Task<IActionResult> OnPostAsync(string slug, CancellationToken ct)
    {
        if (!await FindAsync(slug, ct)) return NotFound();
        var product = Product;
        // What is chosen counts, also when the page still shows another variant because there are no scripts.
        var chosen = VariantChoice.Read(product, name => Request.Form[name]);
        var before = VariantId is { } id ? product.FindVariant(id) : null;
        Variant = before ?? VariantChoice.Shown(product, null);
        if (chosen is not null)
        {
            if (VariantChoice.Exact(product, chosen) is not { } exact) return this.Refuse(NotMade);
            Variant = exact;
        }
        else if (before is null && product.Variants.Count > 1) return this.Refuse(CartErrors.ProductGone);
        if (!int.TryParse(Quantity?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var quantity)) return this.Refuse(CartErrors.BadQuantity, nameof(Quantity));
        var added = await carts.AddAsync(shopper.Owner, Variant.Id, quantity, ct);
        if (added.Error is { } refusal) return this.Refuse(refusal, nameof(Quantity));
        shopper.RememberCart(added.Value.Id, added.Value.Units);
        return Redirect($"/cart?added={Variant.Id}");
    }

    private async Task<bool> FindAsync(string slug, CancellationToken ct)
    {
        if (await catalog.FindAsync(slug, ct) is not { } product) return false;
        Product = product;
        Related = new(await catalog.RelatedAsync(product, RelatedShown, ct), Currency);
        return true;
    }
}
