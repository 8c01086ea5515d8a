using System.Globalization;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.InBrowser;

/// <summary>What holds for every page of the store and of the admin area, in each of its states.</summary>
public sealed class EveryPageTests(TestDatabase database, Chromium chromium) : IAsyncLifetime
{
    // All of axe's rules once; then what a narrow and dark window can change.
    private static readonly (ColorScheme Scheme, int Width, string[]? Rules)[] Looks =
    [
        (ColorScheme.Light, 320, []),
        (ColorScheme.Dark, 390, ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]),
        (ColorScheme.Light, 1280, null),
    ];

    // Pages have no frames of their own, so axe runs in them as it is, without the round through a second window that its own driver makes for each look.
    private const string Look = """
        rules => axe.run(document, { runOnly: rules ?? undefined, resultTypes: ['violations'], preload: false }).then(seen => [
            seen.passes.length,
            ...seen.violations.filter(fault => fault.impact === 'serious' || fault.impact === 'critical')
                .map(fault => `${fault.id}: ${fault.help}: ${fault.nodes.slice(0, 3).map(node => node.html).join(' | ')}`)].map(String))
        """;

    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Theory, InlineData(Area.Store), InlineData(Area.Admin)]
    public async Task Keeps_the_policy_never_scrolls_sideways_and_has_no_serious_accessibility_fault(Area area)
    {
        await using var visitor = await chromium.VisitAsync(_shop, new Device());
        await visitor.Page.AddInitScriptAsync(new BundledAxeScriptProvider().GetScript());
        var (stops, passed, faults) = (0, 0, new List<string>());
        await WalkAsync(area, visitor, async stop =>
        {
            stops++;
            // A mail is shown in a frame where no script runs: axe would wait for its answer for ever, and it is no page of ours.
            await visitor.Page.EvaluateAsync("document.querySelectorAll('iframe[sandbox]').forEach(frame => frame.remove())");
            foreach (var (scheme, width, rules) in Looks)
            {
                await visitor.Page.SetViewportSizeAsync(width, 900);
                await visitor.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await visitor.FitsAsync(stop);
                if (rules is []) continue;
                var seen = await visitor.Page.EvaluateAsync<string[]>(Look, rules);
                passed += int.Parse(seen[0], CultureInfo.InvariantCulture);
                faults.AddRange(seen[1..].Select(fault => $"{stop} ({scheme}, {width}): {fault}"));
            }
        });
        Assert.Empty(visitor.Complaints);
        Assert.True(stops > 10, $"Only {stops} pages were looked at.");
        Assert.True(passed > 500, $"axe looked at almost nothing: {passed} rules passed.");
        Assert.True(faults.Count == 0, string.Join('\n', faults));

        // Both looks are there to find something: a script of no file of ours is refused and noticed, and so is a picture without a text.
        await visitor.OpenAsync("/");
        await visitor.Page.EvaluateAsync("document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.broken = true' }), document.createElement('img'))");
        await visitor.Page.EvaluateAsync("fetch('/favicon.svg')");
        Assert.False(await visitor.Page.EvaluateAsync<bool>("window.broken === true"));
        Assert.NotEmpty(visitor.Complaints);
        Assert.Contains(await visitor.Page.EvaluateAsync<string[]>(Look, null), fault => fault.StartsWith("image-alt", StringComparison.Ordinal));
    }

    public enum Area { Store, Admin }

    private Task WalkAsync(Area area, Visitor visitor, Func<string, Task> look) =>
        area == Area.Store ? _shop.ThroughTheStoreAsync(visitor, look) : _shop.ThroughTheAdminAreaAsync(visitor, look);
}
