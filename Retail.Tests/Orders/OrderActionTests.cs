using System.Net;
using Retail.Tests.Admin;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Orders;

/// <summary>Cancelling, paying back and sending, with the forms that are on the pages.</summary>
public sealed class OrderActionTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_shopper_cancels_a_paid_order_and_reads_that_the_money_goes_back()
    {
        var before = await _shop.AvailableAsync("tern-portable-radio");
        var guest = await _shop.AtCheckoutAsync();
        await guest.PlaceOrderAsync();
        await guest.SubmitAsync("Cancel this order");
        Assert.Contains("paid", guest.Text, StringComparison.Ordinal);
        Assert.Contains("back to the card", guest.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Cancel this order", guest.Text, StringComparison.Ordinal);
        Assert.Equal("Refunded", await _shop.SqlAsync("SELECT status FROM orders"));
        Assert.Equal(before, await _shop.AvailableAsync("tern-portable-radio"));
    }

    [Fact]
    public async Task A_stranger_cannot_cancel_it()
    {
        var guest = await _shop.AtCheckoutAsync();
        await guest.PlaceOrderAsync();
        var stranger = await _shop.OpenAsync("/");
        using var answer = await stranger.SendAsideAsync(guest.Fill("Cancel this order"));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("Paid", await _shop.SqlAsync("SELECT status FROM orders"));
    }

    [Fact]
    public async Task An_admin_pays_a_part_back_sends_the_parcel_and_can_cancel_no_more()
    {
        var guest = await _shop.AtCheckoutAsync();
        await guest.PlaceOrderAsync();
        var admin = await _shop.OpenAsAdminAsync("/admin" + guest.Uri.AbsolutePath);
        await admin.SubmitAsync("Pay back", ("Amount", "1000"), ("Reason", "Scratched"));
        Assert.Equal(HttpStatusCode.Conflict, admin.Status);
        Assert.Contains("At most", admin.Text, StringComparison.Ordinal);
        await admin.SubmitAsync("Pay back", ("Amount", "2.505"), ("Reason", "Scratched"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, admin.Status);
        var twice = admin.Fill("Pay back", ("Amount", "2.50"), ("Reason", "Scratched"));
        await admin.SubmitAsync("Pay back", ("Amount", "2.50"), ("Reason", "Scratched"));
        (await admin.SendAsideAsync(twice)).Dispose();
        Assert.Contains("on its way back", admin.Text, StringComparison.Ordinal);
        Assert.Equal(2.50m, await _shop.SqlAsync("SELECT sum(amount_amount) FROM refunds"));
        await admin.SubmitAsync("Mark as shipped", ("Tracking", "Post 12345"));
        Assert.Contains("Post 12345", admin.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Cancel order", admin.Text, StringComparison.Ordinal);
        await admin.SubmitAsync("Pay back", ("Units[1]", "1"), ("Amount", "10"), ("Reason", "Came back"), ("Restock", "true"));
        Assert.Equal("PartiallyRefunded", await _shop.SqlAsync("SELECT status FROM orders"));
        await guest.OpenAsync(guest.Uri.AbsolutePath);
        Assert.DoesNotContain("Cancel this order", guest.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_simulator_is_set_by_its_page()
    {
        var admin = await _shop.OpenAsAdminAsync("/admin/simulator");
        await admin.SubmitAsync("Set", ("Mode", "Decline"), ("Percent", "100"));
        Assert.Contains("declined, for 100%", admin.Text, StringComparison.Ordinal);
        await admin.SubmitAsync("Set", ("Percent", "x"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, admin.Status);
        var guest = await _shop.AtCheckoutAsync();
        await guest.PlaceOrderAsync();
        Assert.Equal("Cancelled", await _shop.SqlAsync("SELECT status FROM orders"));
        await admin.OpenAsync("/admin/simulator");
        Assert.Contains("Declined", admin.Text, StringComparison.Ordinal);
    }
}
