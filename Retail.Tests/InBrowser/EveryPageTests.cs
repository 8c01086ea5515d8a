using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.InBrowser;

/// <summary>What holds for every page of the store and of the admin area, in each of its states.</summary>
public sealed class EveryPageTests(TestDatabase database, Chromium chromium) : IAsyncLifetime
{
    private static readonly int[] Widths = [320, 390, 1280];

    // All of it once; then what a narrow and dark window can change.
    private static readonly (ColorScheme, int, RunOnlyOptions?)[] Looks =
    [
        (ColorScheme.Light, 1280, null),
        (ColorScheme.Dark, 390, RunOnlyOptions.Rules("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")),
    ];

    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Theory, InlineData(Area.Store), InlineData(Area.Admin)]
    public async Task Keeps_the_policy_asks_nobody_else_and_never_scrolls_sideways(Area area)
    {
        await using var visitor = await chromium.VisitAsync(_shop, new Device());
        var stops = 0;
        await WalkAsync(area, visitor, async stop =>
        {
            stops++;
            foreach (var width in Widths)
            {
                await visitor.Page.SetViewportSizeAsync(width, 900);
                await visitor.FitsAsync(stop);
            }
        });
        Assert.Empty(visitor.Complaints);
        Assert.True(stops > 10, $"Only {stops} pages were looked at.");

        // The policy is there to be broken: a script of no file of ours is refused and noticed.
        await visitor.OpenAsync("/");
        await visitor.Page.EvaluateAsync("document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.broken = true' }))");
        await visitor.Page.EvaluateAsync("fetch('/favicon.svg')");
        Assert.False(await visitor.Page.EvaluateAsync<bool>("window.broken === true"));
        Assert.NotEmpty(visitor.Complaints);
    }

    [Theory, InlineData(Area.Store), InlineData(Area.Admin)]
    public async Task Has_no_serious_accessibility_fault_in_light_or_dark(Area area)
    {
        await using var visitor = await chromium.VisitAsync(_shop, new Device { IgnoresPolicy = true });
        var (faults, passed) = (new List<string>(), 0);
        await WalkAsync(area, visitor, async stop =>
        {
            // A mail is shown in a frame where no script runs: axe would wait for its answer for ever, and it is no page of ours.
            await visitor.Page.EvaluateAsync("document.querySelectorAll('iframe[sandbox]').forEach(frame => frame.remove())");
            foreach (var (scheme, width, rules) in Looks)
            {
                await visitor.Page.SetViewportSizeAsync(width, 900);
                await visitor.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                var result = await visitor.Page.RunAxe(new() { RunOnly = rules });
                passed += result.Passes.Length;
                faults.AddRange(result.Violations.Where(v => v.Impact is "serious" or "critical")
                    .Select(v => $"{stop} ({scheme}, {width}): {v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}"));
            }
        });
        Assert.True(passed > 500, $"axe looked at almost nothing: {passed} rules passed.");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    public enum Area { Store, Admin }

    private Task WalkAsync(Area area, Visitor visitor, Func<string, Task> look) =>
        area == Area.Store ? _shop.ThroughTheStoreAsync(visitor, look) : _shop.ThroughTheAdminAreaAsync(visitor, look);
}
