using System.Net;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Orders;

public sealed class OrderPageTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Another_persons_order_is_as_if_it_were_not_there()
    {
        var guest = await _shop.AtCheckoutAsync();
        await guest.PlaceOrderAsync();
        var customer = await _shop.OpenAsync("/account/register?returnUrl=/products/the-quiet-harbour");
        await customer.SubmitAsync("Create account", ("Name", "Ola"), ("Email", "ola@example.com"), ("Password", "longer than eight"));
        await customer.SubmitAsync("Add to cart");
        await customer.OpenAsync("/checkout");
        await customer.PlaceOrderAsync(email: "ola@example.com");
        var (ofGuest, ofCustomer) = (guest.Uri.AbsolutePath, customer.Uri.AbsolutePath);

        var stranger = await _shop.OpenAsync(ofGuest);
        Assert.Equal(HttpStatusCode.NotFound, stranger.Status);
        await stranger.OpenAsync(ofCustomer);
        Assert.Equal(HttpStatusCode.NotFound, stranger.Status);
        await guest.OpenAsync(ofCustomer);
        Assert.Equal(HttpStatusCode.NotFound, guest.Status);
        await customer.OpenAsync(ofGuest);
        Assert.Equal(HttpStatusCode.NotFound, customer.Status);

        await customer.OpenAsync("/orders");
        Assert.Equal(ofCustomer, customer.Document.QuerySelector(".records a")!.GetAttribute("href"));
        await customer.OpenAsync(ofCustomer);
        Assert.Equal(HttpStatusCode.OK, customer.Status);
    }

    [Fact]
    public async Task A_guest_finds_the_order_by_number_and_email_and_is_not_told_which_was_wrong()
    {
        var guest = await _shop.AtCheckoutAsync();
        await guest.PlaceOrderAsync(email: "Mara@Example.com");
        var number = (await _shop.SqlAsync("SELECT number::text FROM orders"))!.ToString()!;

        var later = await _shop.OpenAsync("/orders/find");
        await later.SubmitAsync("Find it", ("Number", number), ("Email", "eve@example.com"));
        Assert.Equal(HttpStatusCode.NotFound, later.Status);
        var wrongEmail = later.Text;
        await later.SubmitAsync("Find it", ("Number", "999999"), ("Email", "mara@example.com"));
        Assert.Equal(wrongEmail, later.Text);

        await later.SubmitAsync("Find it", ("Number", $"Order {number}"), ("Email", "mara@example.com"));
        Assert.Equal(guest.Uri, later.Uri);
        Assert.Equal(HttpStatusCode.OK, later.Status);
    }
}
