using System.Text.Json;
using Npgsql;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Drills;

/// <summary>What a running drill works with: the store, its numbers, and where it says what it does and finds.</summary>
public sealed class DrillStage(DrillPlan plan, DrillWish wish, DrillStore store, NpgsqlDataSource database, MetricRecorder metrics, TimeProvider clock, IProgress<DrillStep> listener)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly long _began = clock.GetTimestamp();
    private readonly List<DrillFigure> _figures = [];
    private readonly List<DrillStep> _steps = [];
    private readonly List<Guid> _charged = [];

    /// <summary>Key.</summary>
    public Guid Id => store.DrillId;

    /// <summary>The running store.</summary>
    public DrillStore Store => store;

    /// <summary>Its first node, and what that said of itself.</summary>
    public required DrillNode About { get; init; }

    /// <summary>What was found so far.</summary>
    public IReadOnlyList<DrillFigure> Figures => _figures;

    /// <summary>Made-up orders under which the drill charged the gateway by itself.</summary>
    public IReadOnlyCollection<Guid> Charged => _charged;

    /// <summary>A number that the drill was told.</summary>
    public int this[string parameter] => wish.Parameters.TryGetValue(parameter, out var number) ? number : plan.Parameters.Single(p => p.Name == parameter).Default;

    /// <summary>Says what is done now; an admin and the terminal see it.</summary>
    /// <param name="text">One sentence.</param>
    /// <param name="percent">How far it is.</param>
    public async Task SayAsync(string text, int percent)
    {
        var step = new DrillStep(Math.Round(clock.GetElapsedTime(_began).TotalSeconds, 1), text);
        _steps.Add(step);
        listener.Report(step);
        await using var write = database.CreateCommand("UPDATE drills SET steps = $2::jsonb, percent = $3 WHERE id = $1");
        write.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Id });
        write.Parameters.Add(new NpgsqlParameter<string> { TypedValue = JsonSerializer.Serialize(_steps, Json) });
        write.Parameters.Add(new NpgsqlParameter<int> { TypedValue = percent });
        await write.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>Notes a figure: as a metric row, and in the drill's result.</summary>
    /// <param name="type">One of <see cref="MetricTypes"/>.</param>
    /// <param name="value">How much.</param>
    /// <param name="words">What it is, for people.</param>
    /// <param name="wanted">How it must be for the drill to pass; null: it only tells.</param>
    /// <param name="detail">What to look at.</param>
    /// <param name="more">More metadata of the row.</param>
    public void Figure(string type, double value, string words, Wanted? wanted = null, string? detail = null, params (string Name, object? Value)[] more)
    {
        Recorded(type, value, words, wanted, detail);
        Evidence(type, value, detail is null ? more : [.. more, ("detail", detail)]);
    }

    /// <summary>Notes one of many measurements as a metric row; their sum in a word or two is <see cref="Recorded"/>.</summary>
    public void Evidence(string type, double value, params (string Name, object? Value)[] more)
    {
        var metadata = new Dictionary<string, object?> { ["drill"] = plan.Name };
        foreach (var (name, about) in more) metadata[name] = about;
        metrics.Record(type, value, metadata);
    }

    /// <summary>Notes a figure whose rows stand already, written by the store itself or one by one: in the drill's result alone.</summary>
    /// <inheritdoc cref="Figure"/>
    public void Recorded(string type, double value, string words, Wanted? wanted = null, string? detail = null) =>
        _figures.Add(new(type, value, words, wanted?.Words, wanted?.Holds(value), detail));

    /// <summary>A made-up order to charge the gateway under, by the drill itself.</summary>
    public Guid NewCharge()
    {
        var order = Guid.CreateVersion7(clock.GetUtcNow());
        _charged.Add(order);
        return order;
    }

    /// <summary>Waits until something is so.</summary>
    /// <param name="isSo">Asked again and again.</param>
    /// <param name="atMost">The longest wait.</param>
    /// <param name="otherwise">What went wrong when it is not so by then; null: that is no failure.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <returns>It came to be so.</returns>
    public async Task<bool> WaitAsync(Func<Task<bool>> isSo, TimeSpan atMost, string? otherwise, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(isSo);
        var began = clock.GetTimestamp();
        while (!await isSo())
        {
            if (clock.GetElapsedTime(began) > atMost) return otherwise is null ? false : throw new DrillBrokenException(otherwise);
            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, ct);
        }
        return true;
    }
}
