using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Retail.Core.Accounts;
using Retail.Core.Carts;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Data.Outbox;
using Retail.Core.Inventory;
using Retail.Core.Notifications.Templates;
using Retail.Core.Orders;

namespace Retail.Core.Notifications;

/// <summary>Says what a promise means in words: to whom, with which template. A new template is a component and a line here.</summary>
public sealed class NotificationComposer(
    RetailDbContext db, OrderQueries orders, PasswordResets resets, ShippingRates shipping, MailRenderer renderer, MailProviders providers, IOptions<StoreOptions> store,
    IOptions<InventoryOptions> inventory)
{
    /// <summary>The messages of a promise; none when there is nobody to tell.</summary>
    internal Task<IReadOnlyList<Draft>> ComposeAsync(string key, CancellationToken ct)
    {
        var (template, about, _) = NotifyKey.Parse(key);
        return template switch
        {
            Notify.Welcome => WelcomeAsync(about, ct),
            Notify.PasswordReset => PasswordResetAsync(about, ct),
            Notify.OrderConfirmation => OrderAsync<OrderConfirmation>(about, o => $"Your order {o.Number}", ct),
            Notify.PaymentDelayed => OrderAsync<PaymentDelayed>(about, o => $"Order {o.Number}: your payment takes a little longer", ct),
            Notify.OrderCancelled => OrderAsync<OrderCancelled>(about, o => $"Order {o.Number} was cancelled", ct),
            Notify.OrderRefunded => OrderAsync<OrderRefunded>(about, o => $"Your refund for order {o.Number}", ct),
            Notify.OrderShipped => ShippedAsync(about, ct),
            Notify.StockLow => StockLowAsync(about, ct),
            _ => throw new InvalidOperationException($"There is no template {template}."),
        };
    }

    private async Task<IReadOnlyList<Draft>> WelcomeAsync(Guid customerId, CancellationToken ct)
    {
        if (await db.Users.FindAsync([customerId], ct) is not { Email: { } email } customer) return [];
        return [await MailAsync<Welcome>(email, $"Welcome to {store.Value.Name}", new() { [nameof(Welcome.Name)] = customer.DisplayName })];
    }

    private async Task<IReadOnlyList<Draft>> PasswordResetAsync(Guid customerId, CancellationToken ct)
    {
        if (await db.Users.FindAsync([customerId], ct) is not { Email: { } email } customer) return [];
        var token = WebEncoders.Base64UrlEncode(System.Text.Encoding.UTF8.GetBytes(await resets.TokenForAsync(customer)));
        var draft = await MailAsync<PasswordReset>(email, "Choose a new password", new() { [nameof(PasswordReset.Path)] = $"/account/reset?id={customer.Id:N}&token={token}" });
        return [draft with { IsSecret = true }];
    }

    private async Task<IReadOnlyList<Draft>> OrderAsync<TTemplate>(Guid orderId, Func<OrderView, string> subject, CancellationToken ct) where TTemplate : OrderTemplate
    {
        if (await orders.FindForAdminAsync(orderId, ct) is not { } order) return [];
        return [await OrderMailAsync<TTemplate>(order, subject(order))];
    }

    private async Task<IReadOnlyList<Draft>> ShippedAsync(Guid orderId, CancellationToken ct)
    {
        if (await orders.FindForAdminAsync(orderId, ct) is not { } order) return [];
        var mail = await OrderMailAsync<OrderShipped>(order, $"Order {order.Number} is on its way");
        if (providers.Sms is null || SmsSender.NumberOf(order.Phone) is not { } phone) return [mail];
        var text = $"{store.Value.Name}: order {order.Number} is on its way to you.";
        return [mail, new Draft(phone, "", text, "") { Channel = NotificationChannel.Sms }];
    }

    // What has been filled up again meanwhile is left out: the mail says what is so when it is written.
    private async Task<IReadOnlyList<Draft>> StockLowAsync(Guid noticeId, CancellationToken ct)
    {
        var low = db.LowStockItems.Where(l => l.NoticeId == noticeId)
            .Join(db.Variants.Where(v => v.RetiredAt == null), l => l.VariantId, v => v.Id, (l, v) => v)
            .Join(db.Products, v => v.ProductId, p => p.Id, (v, p) => new { v.Id, v.Sku, v.Options, v.ProductId, p.Name })
            .Join(db.StockItems, v => v.Id, s => s.VariantId, (v, s) => new { v.Sku, v.Options, v.ProductId, v.Name, Left = s.OnHand - s.Reserved })
            .Where(l => l.Left <= inventory.Value.LowStock);
        var count = await low.CountAsync(ct);
        if (count == 0) return [];
        var soldOut = await low.CountAsync(l => l.Left <= 0, ct);
        var first = await low.OrderBy(l => l.Left).ThenBy(l => l.Name).ThenBy(l => l.Sku).Take(StockLow.Most).ToListAsync(ct);
        var staff = inventory.Value.LowStockTo is { Length: > 0 } one ? [one] : await db.Users.Where(u => db.UserRoles.Any(r => r.UserId == u.Id && db.Roles.Any(x => x.Id == r.RoleId && x.Name == Roles.Admin)))
            .OrderBy(u => u.Id).Select(u => u.Email).ToListAsync(ct);
        var parameters = new Dictionary<string, object?>
        {
            [nameof(StockLow.Lines)] = first.ConvertAll(l => new StockLow.Line(l.Name, string.Join(", ", l.Options), l.Sku, l.Left, $"/admin/products/{l.ProductId}")),
            [nameof(StockLow.Count)] = count,
        };
        var subject = count > 1 ? $"{count:N0} variants are running low{(soldOut > 0 ? $", {soldOut:N0} of them sold out" : "")}"
            : first[0].Left > 0 ? $"Only {first[0].Left} left: {first[0].Name}" : $"Sold out: {first[0].Name}";
        var drafts = new List<Draft>();
        foreach (var email in staff.OfType<string>()) drafts.Add(await MailAsync<StockLow>(email, subject, new(parameters)));
        return drafts;
    }

    private Task<Draft> OrderMailAsync<TTemplate>(OrderView order, string subject) where TTemplate : OrderTemplate => MailAsync<TTemplate>(order.Email, subject, new()
    {
        [nameof(OrderTemplate.Order)] = order,
        [nameof(OrderTemplate.Method)] = shipping.Find(order.ShippingMethod) is { } method ? $"{method.Name}, {method.Delivery.ToLowerInvariant()}" : order.ShippingMethod,
    });

    private async Task<Draft> MailAsync<TTemplate>(string recipient, string subject, Dictionary<string, object?> parameters) where TTemplate : MailTemplate
    {
        subject = Mime.OneLine(subject);
        var (html, text) = await renderer.RenderAsync<TTemplate>(subject, parameters);
        return new Draft(recipient, subject, text, html);
    }
}
