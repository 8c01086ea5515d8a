using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Quality.Drills;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality.Drills;

/// <summary>Drills on a whole store: with its worker, and with a gateway and a circuit that are quick to fail and to recover.</summary>
internal static class DrillGround
{
    public static Task<Shop> StartAsync(TestDatabase database, params string[] settings) => Shop.StartAsync(database, worker: true,
        ["--Payments:AttemptTimeout=00:00:00.400", "--Payments:TotalTimeout=00:00:03", "--Payments:RetryBaseDelay=00:00:00.010", "--Payments:BreakerOpenFor=00:00:03", "--Payments:BreakerWindow=00:00:04", .. settings]);

    /// <summary>Runs a drill to its end.</summary>
    /// <param name="shop">The store.</param>
    /// <param name="name">Which.</param>
    /// <param name="onStep">Looks on at each step.</param>
    /// <param name="numbers">What it is told.</param>
    public static Task<DrillView> DrillAsync(this Shop shop, string name, Func<DrillStep, Task>? onStep, params (string Name, int Value)[] numbers) => shop.DrillAsync(shop.Wish(name, numbers), onStep);

    /// <summary>The same at nodes of one's own choice.</summary>
    public static Task<DrillView> DrillAtAsync(this Shop shop, Uri[] nodes, string name, params (string Name, int Value)[] numbers) => shop.DrillAsync(shop.Wish(name, numbers) with { Nodes = nodes }, null);

    private static async Task<DrillView> DrillAsync(this Shop shop, DrillWish wish, Func<DrillStep, Task>? onStep)
    {
        var runner = shop.Services.GetRequiredService<DrillRunner>();
        var begun = await runner.BeginAsync(wish, TestContext.Current.CancellationToken);
        Assert.True(begun.Ok, begun.Error?.Message);
        await using var turn = begun.Value;
        var looks = new List<Task>();
        var run = await runner.RunAsync(turn, new OnLooker(step => looks.Add(onStep?.Invoke(step) ?? Task.CompletedTask)), TestContext.Current.CancellationToken);
        await Task.WhenAll(looks);
        var view = DrillView.Of(run);
        foreach (var figure in view.Result!.Figures) TestContext.Current.TestOutputHelper?.WriteLine($"{figure.Type} {figure.Text} ({figure.Wanted}) {figure.Holds} {figure.Detail}");
        if (view.Result.Problem is { } problem) TestContext.Current.TestOutputHelper?.WriteLine(problem);
        return view;
    }

    public static DrillWish Wish(this Shop shop, string name, params (string Name, int Value)[] numbers) =>
        new() { Name = name, Parameters = numbers.ToDictionary(n => n.Name, n => n.Value), Nodes = [shop.BaseAddress], AskedBy = "a test" };

    /// <summary>A figure's value.</summary>
    public static double Of(this DrillView drill, string type) => drill.Result!.Figures.Where(f => f.Type == type).Select(f => f.Value).DefaultIfEmpty(double.NaN).Max();

    /// <summary>Rows that a drill left in the tables of the store and of the simulator, by table; empty when there are none.</summary>
    public static async Task<string> LeftoversAsync(this Shop shop) => (string)(await shop.SqlAsync("""
        SELECT coalesce(string_agg(what || ': ' || rows, ', '), '') FROM (
            SELECT 'products' AS what, count(*) AS rows FROM products WHERE drill_id IS NOT NULL UNION ALL SELECT 'orders', count(*) FROM orders WHERE drill_id IS NOT NULL
            UNION ALL SELECT 'carts', count(*) FROM carts WHERE drill_id IS NOT NULL UNION ALL SELECT 'marks', count(*) FROM drill_marks
            UNION ALL SELECT 'charges', count(*) FROM simulator.payment_intents UNION ALL SELECT 'payments', count(*) FROM payments
            UNION ALL SELECT 'promises ' || string_agg(kind || ' ' || key, ' '), count(*) FROM outbox WHERE status = 'Waiting' UNION ALL SELECT 'variants', count(*) FROM variants WHERE sku LIKE 'DRILL-%'
            UNION ALL SELECT 'people', count(*) FROM customers WHERE email LIKE '%.drill.invalid' UNION ALL SELECT 'mail', count(*) FROM notifications WHERE template NOT IN ('alert', 'stock-low')) made
        WHERE rows > 0
        """))!;

    private sealed class OnLooker(Action<DrillStep> look) : IProgress<DrillStep>
    {
        public void Report(DrillStep value) => look(value);
    }
}
