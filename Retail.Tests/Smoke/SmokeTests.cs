using Retail.Tests.Commands;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Smoke;

public sealed class SmokeTests(TestDatabase database)
{
    private const string Left = "SELECT (SELECT count(*) FROM customers WHERE user_name <> 'admin') || ' accounts, ' || (SELECT count(*) FROM cart_lines) || ' lines, ' || (SELECT sum(reserved) FROM stock_items) || ' reserved'";

    [Fact]
    public async Task A_store_that_sells_passes_and_is_left_as_it_was()
    {
        await using var shop = await Shop.StartAsync(database, worker: true);
        var stock = await shop.SqlAsync("SELECT sum(on_hand) FROM stock_items");
        var answer = await RetailCommand.RunAsync("", "", "smoke", shop.BaseAddress.ToString(), "--pause", "0");
        Assert.True(answer.ExitCode == 0, answer.Output + answer.Errors);
        foreach (var step in (string[])["health 5 of 5", "home", "search", "sign-in", "cart", "checkout with a test card", "order paid", "order found again", "clean up"])
            Assert.Matches($"(?m)^ok    {step} +[0-9]+ ms$", answer.Output);
        Assert.Contains("12 of 12 steps passed", answer.Output, StringComparison.Ordinal);
        Assert.Equal("0 accounts, 0 lines, 0 reserved", await shop.SqlAsync(Left));
        Assert.Equal(stock, await shop.SqlAsync("SELECT sum(on_hand) FROM stock_items"));
        Assert.Contains((string)(await shop.SqlAsync("SELECT status FROM orders"))!, (string[])["Cancelled", "Refunded"]);

        await shop.SqlAsync("UPDATE stock_items SET on_hand = reserved");
        await shop.SqlAsync("NOTIFY catalog");
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        var empty = await RetailCommand.RunAsync("", "", "smoke", shop.BaseAddress.ToString(), "--pause", "0");
        Assert.Equal(1, empty.ExitCode);
        Assert.Contains("seen     none: fill the store with `retail populate-products`", empty.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_declined_card_fails_the_checkout_with_what_was_seen_and_is_cleaned_up_too()
    {
        await using var shop = await Shop.StartAsync(database, worker: true);
        var answer = await RetailCommand.RunAsync("", "", "smoke", shop.BaseAddress.ToString(), "--pause", "0", "--card", "4000000000000002");
        Assert.Equal(1, answer.ExitCode);
        Assert.Matches("(?m)^FAIL  checkout with a test card", answer.Output);
        Assert.Contains("expected the page of a new order", answer.Output, StringComparison.Ordinal);
        Assert.Contains("declined", answer.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("order paid", answer.Output, StringComparison.Ordinal);
        Assert.Equal("0 accounts, 0 lines, 0 reserved", await shop.SqlAsync(Left));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_fails_at_once()
    {
        var answer = await RetailCommand.RunAsync("", "", "smoke", "http://127.0.0.1:1", "--pause", "0");
        Assert.Equal(1, answer.ExitCode);
        Assert.Matches("(?m)^FAIL  health 1 of 5", answer.Output);
        Assert.Contains("expected an answer to GET http://127.0.0.1:1/api/health", answer.Output, StringComparison.Ordinal);
        Assert.Contains("0 of 12 steps passed", answer.Output, StringComparison.Ordinal);
    }
}
