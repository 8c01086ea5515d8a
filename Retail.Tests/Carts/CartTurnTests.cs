using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Accounts;
using Retail.Core.Carts;
using Retail.Core.Data;
using Retail.Core.Orders;
using Retail.Tests.Orders;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Carts;

/// <summary>A cart is changed by one at a time: clicks in two tabs, a sign-in, an order that empties it.</summary>
public sealed class CartTurnTests(TestDatabase database) : IAsyncLifetime
{
    private const int Rounds = 15;

    private CoreHost _store = null!;
    private Guid _mug, _lamp;

    public async ValueTask InitializeAsync()
    {
        _store = await CoreHost.StartAsync(database);
        (_mug, _lamp) = (await _store.HasProductAsync("Mug", 1000), await _store.HasProductAsync("Lamp", 1000));
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task An_order_takes_its_goods_out_while_another_tab_puts_some_in()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var cart = (await AddAsync(new(null, null), _mug)).Id;
            var order = await _store.Intake.PlaceAsync(AdmissionTests.Order($"round-{round}", (_mug, 1)) with { CartId = cart }, CancellationToken.None);
            await Task.WhenAll(EmptyAsync(cart, order.Value.Id), AddAsync(new(cart, null), _lamp), AddAsync(new(cart, null), _lamp));
            Assert.Equal([(_lamp, 2)], await LinesAsync(cart));
        }
    }

    [Fact]
    public async Task A_sign_in_joins_the_carts_while_another_tab_still_clicks()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var customer = await RegisterAsync($"mara-{round}@example.com");
            var guest = (await AddAsync(new(null, null), _mug)).Id;
            if (round % 2 == 0) await AddAsync(new(null, customer), _lamp);
            await Task.WhenAll((Task)WithAsync(carts => carts.SignInAsync(guest, customer, CancellationToken.None)), AddAsync(new(guest, null), _mug), AddAsync(new(null, customer), _lamp));
            // A click of the guest that came after the sign-in has begun a new cart: nothing was lost, nothing doubled.
            Assert.Equal(2, await UnitsAsync(_mug));
            Assert.Equal(round % 2 == 0 ? 2 : 1, await UnitsAsync(_lamp));
            Assert.Equal(1L, await _store.QueryAsync<long>($"SELECT count(*) FROM carts WHERE customer_id = '{customer}'"));
            await _store.QueryAsync<object>("DELETE FROM cart_lines; DELETE FROM carts; SELECT ''");
        }
    }

    private async Task<Cart> AddAsync(CartOwner owner, Guid variant)
    {
        var added = await WithAsync(carts => carts.AddAsync(owner, variant, 1, CancellationToken.None));
        Assert.True(added.Ok, added.Error?.Message);
        return added.Value;
    }

    private async Task EmptyAsync(Guid cart, Guid order)
    {
        await using var scope = _store.Services.CreateAsyncScope();
        await using var transaction = await scope.ServiceProvider.GetRequiredService<RetailDbContext>().Database.BeginTransactionAsync();
        await scope.ServiceProvider.GetRequiredService<CartService>().EmptyAsync(cart, order, CancellationToken.None);
        await transaction.CommitAsync();
    }

    private async Task<T> WithAsync<T>(Func<CartService, Task<T>> work)
    {
        await using var scope = _store.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<CartService>());
    }

    private async Task<Guid> RegisterAsync(string email)
    {
        await using var scope = _store.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        var customer = new Customer { Id = Guid.CreateVersion7(), UserName = email, NormalizedUserName = email.ToUpperInvariant(), Email = email, NormalizedEmail = email.ToUpperInvariant(), SecurityStamp = "1" };
        db.Add(customer);
        await db.SaveChangesAsync();
        return customer.Id;
    }

    private async Task<List<(Guid Variant, int Quantity)>> LinesAsync(Guid cart)
    {
        await using var scope = _store.Services.CreateAsyncScope();
        var lines = await scope.ServiceProvider.GetRequiredService<RetailDbContext>().Carts.AsNoTracking().Where(c => c.Id == cart).SelectMany(c => c.Lines).ToListAsync();
        return [.. lines.Select(l => (l.VariantId, l.Quantity))];
    }

    private Task<int> UnitsAsync(Guid variant) => _store.QueryAsync<int>($"SELECT coalesce(sum(quantity), 0)::int FROM cart_lines WHERE variant_id = '{variant}'");
}
