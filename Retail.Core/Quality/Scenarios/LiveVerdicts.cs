namespace Retail.Core.Quality.Scenarios;

/// <summary>The verdicts of this moment, for whoever looks: made anew at most every few seconds, however many look at once.</summary>
public sealed class LiveVerdicts(ScenarioEvaluator evaluator, CatalogueFile file, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private IReadOnlyList<ScenarioVerdict> _latest = [];
    private (DateTimeOffset At, string Catalogue) _made;

    /// <summary>As they are now, or were a few seconds ago by the same catalogue.</summary>
    public async Task<IReadOnlyList<ScenarioVerdict>> NowAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            var (now, catalogue) = (clock.GetUtcNow(), file.InForce.Fingerprint);
            if (_made.Catalogue == catalogue && now - _made.At < GoodFor && now >= _made.At) return _latest;
            _latest = await evaluator.EvaluateAsync(maxAge: null, ct);
            _made = (now, catalogue);
            return _latest;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();
}
