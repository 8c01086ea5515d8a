using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Accounts;
using Retail.Core.Common;
using Retail.Core.Data.Outbox;
using Retail.Core.Orders;
using Retail.Tests.Support;

namespace Retail.Tests.Notifications;

/// <summary>A store without pages that sends mail to sinks of the test.</summary>
internal static class PostOffice
{
    public static async Task<CoreHost> StartAsync(TestDatabase database, params (string Name, string Value)[] settings) =>
        await CoreHost.StartAsync(database, null, [("Mail:From", "shop@example.com"), ("Mail:Timeout", "00:00:01"), ("Store:Name", "Corner shop"), ("Store:PublicUrl", "https://shop.example.com"), .. settings]);

    /// <summary>Settings of a provider on this machine.</summary>
    public static (string, string)[] Smtp(string name, int port) =>
        [($"Mail:{name}:Host", "127.0.0.1"), ($"Mail:{name}:Port", port.ToString(CultureInfo.InvariantCulture)), ($"Mail:{name}:Tls", "false")];

    /// <summary>Keeps one promise, as the relay does.</summary>
    public static async Task NotifyAsync(this CoreHost store, string key)
    {
        await using var scope = store.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetServices<IOutboxHandler>().Single(h => h.Kind == Notify.Kind).HandleAsync(key, CancellationToken.None);
    }

    public static async Task<Customer> HasCustomerAsync(this CoreHost store, string email, string name = "Ada")
    {
        await using var scope = store.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<AccountService>().RegisterAsync(email, "a long password", name, CancellationToken.None)).Value;
    }

    public static async Task HasAdminAsync(this CoreHost store, string email)
    {
        await using var scope = store.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AccountService>().EnsureAdminAsync("boss", email, "a long password", CancellationToken.None);
    }

    public static async Task<Guid> HasOrderAsync(this CoreHost store, string productName = "Cup", string buyer = "Ada", string phone = "")
    {
        var variant = await store.HasProductAsync(productName, stock: 50, price: 12.5m);
        var placed = await store.Intake.PlaceAsync(new OrderRequest
        {
            IdempotencyKey = Guid.CreateVersion7().ToString(),
            Email = "ada@example.com",
            Phone = phone,
            ShippingAddress = new Address { Name = buyer, Line1 = "1 Main St", City = "Springfield", Region = "IL", Postcode = "62701", Country = "US" },
            ShippingMethod = "standard",
            PaymentMethod = new("pm_card_visa", "visa", "4242"),
            Lines = [new OrderRequestLine(variant, 2)],
        }, CancellationToken.None);
        return placed.Value.Id;
    }

    /// <summary>The part of this type, as its reader sees it.</summary>
    public static string Part(this SunkMail mail, string type)
    {
        var boundary = mail.Header("Content-Type").Split("boundary=")[1].Split(';')[0].Trim('"');
        var part = mail.Data.Split("--" + boundary).Single(p => p.Contains($"Content-Type: {type}", StringComparison.OrdinalIgnoreCase));
        return QuotedPrintable(part.Split("\r\n\r\n", 2)[1]);
    }

    private static string QuotedPrintable(string text)
    {
        var bytes = new List<byte>();
        text = text.Replace("=\r\n", "", StringComparison.Ordinal);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '=') bytes.Add((byte)text[i]);
            else (_, i) = (Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)), i + 2);
        }
        return System.Text.Encoding.UTF8.GetString([.. bytes]);

        bool Add(byte value)
        {
            bytes.Add(value);
            return true;
        }
    }
}
