using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Orders;
using Retail.Web.Infrastructure;

namespace Retail.Web.Api;

/// <summary>An order as it was accepted: it stands, its charge follows.</summary>
public sealed record OrderAccepted(Guid Id, long Number, string Status, Price Total);

/// <summary>An order in a list.</summary>
public sealed record OrderRowJson(Guid Id, long Number, string Status, Price Total, int Units, DateTimeOffset PlacedAt);

public sealed record OrderListJson(IReadOnlyList<OrderRowJson> Items, int Page, int Pages, int Total);

/// <summary>An order for its owner; settled when nothing more will become of its payment.</summary>
public sealed record OrderJson(
    Guid Id, long Number, string Status, bool Settled, string? CancelReason, Price Subtotal, Price Shipping, Price Total, string ShippingMethod,
    IReadOnlyList<OrderLineJson> Lines, DateTimeOffset PlacedAt);

public sealed record OrderLineJson(string Sku, string Name, string OptionText, int Quantity, Price UnitPrice, Price LineTotal);

/// <summary>Orders (D0-28): accepted at once with 202, charged right after, asked for at the address in Location.</summary>
public static class OrderApi
{
    private const int MaxKeyLength = 100;
    private static readonly ServiceError KeyMissing = new(Refusal.Invalid, "idempotency_key_invalid",
        "Send a header Idempotency-Key of 1 to 100 visible ASCII characters: a new one for each order, the same one to repeat it.", "Idempotency-Key");

    private static readonly ServiceError EmailMissing = new(Refusal.Invalid, "email_missing", "Send an email address: the account has none.", "email");

    public static RouteGroupBuilder MapOrderApi(this RouteGroupBuilder api)
    {
        var orders = api.MapGroup("/orders").WithTags("Orders").RequireAuthorization();
        orders.MapPost("/", PlaceAsync).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        orders.MapGet("/", ListAsync);
        orders.MapGet("/{id:guid}", GetAsync).ProducesProblem(StatusCodes.Status404NotFound);
        return api;
    }

    private static async Task<Results<Accepted<OrderAccepted>, ProblemHttpResult>> PlaceAsync(
        PlaceOrder wish, [FromHeader(Name = "Idempotency-Key")] string? key, HttpContext context, CurrentShopper shopper,
        RetailDbContext db, OrderIntake intake, PromptCharges charges, CancellationToken ct)
    {
        if (key is not { Length: > 0 and <= MaxKeyLength } || !key.All(c => c is > ' ' and < '\u007f')) return KeyMissing.ToProblem();
        if (wish.Email?.Trim() is not { Length: > 0 } email && (email = context.User.FindFirstValue(ClaimTypes.Email)) is null) return EmailMissing.ToProblem();
        var customer = shopper.CustomerId ?? throw new InvalidOperationException("Orders are for who is signed in.");
        var accepted = await intake.PlaceAsync(new OrderRequest
        {
            IdempotencyKey = KeyOf(customer, key),
            CustomerId = customer,
            Email = email,
            Phone = wish.Phone?.Trim() ?? "",
            ShippingAddress = wish.ShippingAddress!.ToAddress(),
            ShippingMethod = wish.ShippingMethod,
            PaymentMethod = wish.PaymentMethod!.ToRef(),
            Lines = await LinesAsync(wish.Lines!, db, ct),
        }, ct);
        if (accepted.Error is { } refusal) return refusal == OrderErrors.KeyReused ? refusal.ToProblem(StatusCodes.Status422UnprocessableEntity) : refusal.ToProblem(context.Response);
        var order = accepted.Value;
        var status = OrderStatus.Placed;
        if (order.Replayed)
        {
            context.Response.Headers["Idempotent-Replayed"] = "true";
            status = await db.Orders.Where(o => o.Id == order.Id).Select(o => o.Status).SingleAsync(ct);
        }
        else charges.Ask(order.Id);
        return TypedResults.Accepted($"/api/orders/{order.Id}", new OrderAccepted(order.Id, order.Number, Word(status), Price.Of(order.Total)));
    }

    private static async Task<Ok<OrderListJson>> ListAsync(CurrentShopper shopper, OrderQueries orders, CancellationToken ct, [Range(1, 100_000)] int page = 1)
    {
        var list = await orders.ListForCustomerAsync(shopper.CustomerId!.Value, page, ct);
        return TypedResults.Ok(new OrderListJson(
            [.. list.Items.Select(o => new OrderRowJson(o.Id, o.Number, Word(o.Status), Price.Of(o.Total), o.Units, o.PlacedAt))], list.Number, list.Pages, list.Total));
    }

    private static async Task<Results<Ok<OrderJson>, ProblemHttpResult>> GetAsync(Guid id, CurrentShopper shopper, OrderQueries orders, CancellationToken ct)
    {
        var found = shopper.IsAdmin ? await orders.FindForAdminAsync(id, ct) : await orders.FindForCustomerAsync(id, shopper.CustomerId!.Value, ct);
        if (found is not { } o) return OrderErrors.Unknown.ToProblem();
        var settled = o.Status is not (OrderStatus.Placed or OrderStatus.PaymentPending);
        return TypedResults.Ok(new OrderJson(o.Id, o.Number, Word(o.Status), settled, o.CancelReason, Price.Of(o.Subtotal), Price.Of(o.Shipping), Price.Of(o.Total), o.ShippingMethod,
            [.. o.Lines.Select(l => new OrderLineJson(l.Sku, l.Name, l.OptionText, l.Quantity, Price.Of(l.UnitPrice), Price.Of(l.LineTotal)))], o.PlacedAt));
    }

    /// <summary>SKUs become variants; one that is not sold, or a line that is null, stays unknown, and the intake says so.</summary>
    private static async Task<IReadOnlyList<OrderRequestLine>> LinesAsync(IReadOnlyList<PlaceOrderLine?> lines, RetailDbContext db, CancellationToken ct)
    {
        var skus = lines.Where(l => l is { VariantId: null, Sku: not null }).Select(l => l!.Sku!).Distinct().ToList();
        var variants = skus.Count == 0 ? [] : await db.Variants.Where(v => skus.Contains(v.Sku)).ToDictionaryAsync(v => v.Sku, v => v.Id, ct);
        return [.. lines.Select(l => l is null ? new(Guid.Empty, 1) : new OrderRequestLine(l.VariantId ?? variants.GetValueOrDefault(l.Sku ?? ""), l.Quantity, l.ExpectedUnitPrice))];
    }

    // Under the customer's name, so that nobody finds another's order by its key; hashed, because both together are longer than a key may be.
    private static string KeyOf(Guid customer, string key) => $"api-{customer:N}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 24))}";

    private static string Word(OrderStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
}
