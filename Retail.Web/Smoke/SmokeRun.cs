using System.Globalization;

namespace Retail.Web.Smoke;

/// <summary>Runs the steps one after the other and prints a table of them with their times; ends at the first failure.</summary>
internal static class SmokeRun
{
    private const int HealthLooks = 5, Width = 26;

    /// <summary>Answers the exit code: 1 at a failure.</summary>
    public static async Task<int> RunAsync(SmokeSettings settings, TimeProvider clock, TextWriter output, CancellationToken ct)
    {
        using var walk = new SmokeWalk(settings, clock);
        List<(string Name, Func<CancellationToken, Task> Step)> steps = [.. Enumerable.Range(1, HealthLooks).Select(i => ($"health {i} of {HealthLooks}", (Func<CancellationToken, Task>)walk.HealthAsync))];
        steps.AddRange([("home", walk.HomeAsync), ("search", walk.SearchAsync), ("sign-in", walk.SignInAsync), ("cart", walk.CartAsync)]);
        if (settings.WithOrder) steps.AddRange([("checkout with a test card", walk.CheckoutAsync), ("order paid", walk.PaidAsync), ("order found again", walk.FoundAsync)]);
        await output.WriteLineAsync($"Smoke of {settings.Store}");
        var began = clock.GetTimestamp();
        var passed = 0;
        foreach (var (name, step) in steps)
        {
            if (passed is > 0 and < HealthLooks) await Task.Delay(settings.HealthPause, clock, ct);
            if (!await TryAsync(name, step, clock, output, ct)) break;
            passed++;
        }
        if (!settings.WithOrder) await output.WriteLineAsync($"skip  {"checkout, order",-Width}          as told by --without-order");
        // Also after a failure: what was done so far is taken back.
        var clean = await TryAsync("clean up", walk.CleanUpAsync, clock, output, CancellationToken.None);
        var seconds = clock.GetElapsedTime(began).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        await output.WriteLineAsync($"{passed} of {steps.Count} steps passed{(clean ? "" : ", the clean-up failed")}, {seconds} s.");
        return passed == steps.Count && clean ? 0 : 1;
    }

    private static async Task<bool> TryAsync(string name, Func<CancellationToken, Task> step, TimeProvider clock, TextWriter output, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        string Row(string word) => string.Create(CultureInfo.InvariantCulture, $"{word,-4}  {name,-Width}  {clock.GetElapsedTime(began).TotalMilliseconds,6:0} ms");
        try
        {
            await step(ct);
            await output.WriteLineAsync(Row("ok"));
            return true;
        }
        catch (SmokeFailedException e)
        {
            await output.WriteLineAsync(Row("FAIL"));
            await output.WriteLineAsync($"      expected {e.Expected}");
            await output.WriteLineAsync($"      seen     {e.Seen}");
            return false;
        }
    }
}
