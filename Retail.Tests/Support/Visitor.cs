using System.Collections.Concurrent;
using Microsoft.Playwright;
using Xunit;

namespace Retail.Tests.Support;

/// <summary>A person in a real browser. What the browser complains about is kept.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    internal Visitor(IBrowserContext context, IPage page, Uri store)
    {
        (_context, Page) = (context, page);
        page.Console += (_, said) =>
        {
            // An error page is no fault of the page; a picture or a script that is missing is.
            var isThePageItself = said.Text.StartsWith("Failed to load resource", StringComparison.Ordinal) && said.Location.StartsWith(page.Url, StringComparison.Ordinal);
            if (said.Type == "error" && !isThePageItself) Complain(said.Text);
        };
        page.PageError += (_, error) => Complain(error);
        context.Request += (_, request) =>
        {
            var address = new Uri(request.Url);
            if (address.Scheme != "data" && address.Authority != store.Authority) Complain($"asks {address.Authority}");
        };
    }

    public IPage Page { get; }

    /// <summary>Errors on the console, broken policies, requests to other sites, each with the page that it was on.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    public async Task OpenAsync(string path)
    {
        var answer = await Page.GotoAsync(path);
        Assert.True(answer is { Status: < 500 }, $"{path} answers {answer?.Status}");
    }

    public ILocator Button(string name) => Page.Locator("main").GetByRole(AriaRole.Button, new() { Name = name });

    public ILocator Heading(string text) => Page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = text });

    /// <summary>Presses the first button of this name and waits for the page that answers, which may look like the old one.</summary>
    public async Task PressAsync(string button)
    {
        await Page.EvaluateAsync("document.documentElement.dataset.old = 'yes'");
        await Button(button).First.ClickAsync();
        await Page.Locator("html:not([data-old])").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await Page.WaitForLoadStateAsync();
    }

    /// <summary>Waits until the page has this heading.</summary>
    public Task SeesAsync(string heading) => Assertions.Expect(Heading(heading)).ToBeVisibleAsync(new() { Timeout = 15_000 });

    /// <summary>Fills in the checkout.</summary>
    public async Task FillAsync(IEnumerable<(string Field, string Value)> fields)
    {
        foreach (var (field, value) in fields) await Page.Locator($"main [name$='{field}']").FillAsync(value);
    }

    /// <summary>The page is no wider than the window; tells what sticks out.</summary>
    public async Task FitsAsync(string where)
    {
        var wide = await Page.EvaluateAsync<string[]>("""
            () => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? []
                : [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).slice(0, 5)
                    .map(e => `${e.tagName}.${e.className}`)
            """);
        Assert.True(wide.Length == 0, $"{where} scrolls sideways at {Page.ViewportSize!.Width}: {string.Join(", ", wide)}");
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private void Complain(string about) => _complaints.Enqueue($"{Page.Url}: {about}");
}
