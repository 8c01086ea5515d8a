using Microsoft.Playwright;
using Retail.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Retail.Tests.Support;

/// <summary>How a visitor comes: what a browser has beside its address bar.</summary>
public sealed record Device(int Width = 1280, bool JavaScript = true);

/// <summary>The distribution's own browser, started by the first test that asks, one for the whole run. Nothing is downloaded.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium";

    private readonly SemaphoreSlim _one = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A new visitor, without cookies.</summary>
    public async Task<Visitor> VisitAsync(Shop shop, Device device)
    {
        var context = await (await BrowserAsync()).NewContextAsync(new()
        {
            BaseURL = shop.BaseAddress.ToString(),
            ViewportSize = new() { Width = device.Width, Height = 900 },
            JavaScriptEnabled = device.JavaScript,
            ReducedMotion = ReducedMotion.Reduce,
        });
        return new Visitor(context, await context.NewPageAsync(), shop.BaseAddress);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        _one.Dispose();
    }

    private async Task<IBrowser> BrowserAsync()
    {
        await _one.WaitAsync();
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = Program,
                Headless = true,
                Args = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"],
            });
        }
        finally
        {
            _one.Release();
        }
    }
}
