using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Web.Infrastructure;
using Retail.Web.Pages.Products;

namespace Retail.Web.Api;

/// <summary>A page of products.</summary>
public sealed record ProductListJson(IReadOnlyList<ProductJson> Items, int Page, int Pages, int Total);

/// <summary>A product in a list.</summary>
public record ProductJson(Guid Id, string Slug, string Name, string Brand, string Category, Price PriceFrom, int Available, decimal Rating, int RatingCount, string? Picture);

/// <summary>A product with all that can be bought of it.</summary>
public sealed record ProductDetailJson(
    Guid Id, string Slug, string Name, string Brand, string Category, string Description, IReadOnlyList<string> OptionNames,
    IReadOnlyList<VariantJson> Variants, IReadOnlyList<string> Pictures, decimal Rating, int RatingCount);

/// <summary>What is put into a cart.</summary>
public sealed record VariantJson(Guid Id, string Sku, string? Gtin, IReadOnlyList<string> Options, Price Price, int Available);

/// <summary>The catalogue (D0-26), from the same model as the pages.</summary>
public static class ProductApi
{
    private static readonly ServiceError Unknown = new(Refusal.NotFound, "unknown_product", "There is no such product, or it is no longer sold. Choose another one.");

    public static RouteGroupBuilder MapProductApi(this RouteGroupBuilder api)
    {
        var products = api.MapGroup("/products").WithTags("Products");
        products.MapGet("/", ListAsync).WithDescription("Takes the parameters of the page /products/: q, category, brand, min, max, stock, sort, page.");
        products.MapGet("/{slug}", GetAsync);
        return api;
    }

    private static async Task<Ok<ProductListJson>> ListAsync(HttpRequest request, CatalogQueries catalog, CatalogModel model, IOptions<StoreOptions> store, CancellationToken ct)
    {
        var page = (await catalog.ListAsync(ListAddress.Read(request.Query, model.Snapshot), ct)).Page;
        return TypedResults.Ok(new ProductListJson([.. page.Items.Select(p => Of(p, store.Value.Currency))], page.Number, page.Pages, page.Total));
    }

    private static async Task<Results<Ok<ProductDetailJson>, ProblemHttpResult>> GetAsync(string slug, CatalogQueries catalog, IOptions<StoreOptions> store, CancellationToken ct) =>
        await catalog.FindAsync(slug, ct) is not { } p ? Unknown.ToProblem() : TypedResults.Ok(new ProductDetailJson(
            p.Id, p.Slug, p.Name, p.Brand, p.Category.Slug, p.Description, p.OptionNames,
            [.. p.Variants.Select(v => new VariantJson(v.Id, v.Sku, v.Gtin, v.Options, new(v.Price, store.Value.Currency), v.Available))],
            [.. p.Pictures.Select(picture => picture.Path)], p.Rating, p.RatingCount));

    private static ProductJson Of(ProductCard p, string currency) => new(
        p.Id, p.Slug, p.Name, p.Brand, p.Category.Slug, new(p.PriceFrom, currency), p.Available, p.Rating, p.RatingCount, p.Pictures.Count > 0 ? p.Pictures[0].Path : null);
}
