using System.Globalization;
using System.Text;

namespace Retail.Web.Areas.Admin.Charts;

/// <summary>What is drawn for each step: a bar (several series are stacked), or a line through all steps.</summary>
public enum ChartKind { Bars, Lines }

/// <summary>A row of numbers; null where nothing was measured. The class c1 to c4 is its colour.</summary>
public sealed record ChartSeries(string Name, string Css, IReadOnlyList<double?> Values);

/// <summary>
/// A chart for the partial _Chart, drawn by the server: an SVG that stretches to its place, with its words beside it as text, so that
/// they stay legible at any width, and all numbers in a table beneath.
/// </summary>
public sealed record Chart
{
    public const int Width = 1000, Height = 200;

    private static readonly double[] NiceSteps = [1, 2, 2.5, 5, 10];

    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>One sentence beneath the title: what is counted.</summary>
    public required string Caption { get; init; }

    public required ChartKind Kind { get; init; }

    /// <summary>What a step is called in the table and in a bar's hint.</summary>
    public required IReadOnlyList<string> Steps { get; init; }

    /// <summary>What stands under the chart, evenly spread; for bars each word begins under the first bar of its group.</summary>
    public required IReadOnlyList<string> Axis { get; init; }

    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>A number in words, with its unit.</summary>
    public required Func<double, string> Format { get; init; }

    /// <summary>What a series comes to in the legend, beside its name; null for none.</summary>
    public Func<ChartSeries, string>? Legend { get; init; }

    /// <summary>The least that the scale reaches up to, so that next to nothing does not look like much.</summary>
    public double LeastTop { get; init; } = 1;

    public bool IsEmpty => Series.All(s => s.Values.All(v => v is null or 0));

    /// <summary>The top of the scale: four round steps that hold everything.</summary>
    public double Top
    {
        get
        {
            var most = Math.Max(LeastTop, Kind is ChartKind.Bars
                ? Enumerable.Range(0, Steps.Count).Max(i => Series.Sum(s => s.Values[i] ?? 0))
                : Series.SelectMany(s => s.Values).Max() ?? 0);
            var size = Math.Pow(10, Math.Floor(Math.Log10(most / 4)));
            return 4 * size * NiceSteps.First(n => 4 * size * n >= most * 0.999999);
        }
    }

    /// <summary>The scale's words, from the top down.</summary>
    public IEnumerable<string> Scale => Enumerable.Range(0, 5).Select(i => Format(Top * (4 - i) / 4));

    /// <summary>What the chart shows, for those who do not see it.</summary>
    public string Description
    {
        get
        {
            if (IsEmpty) return "Nothing was measured in this time.";
            var words = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Steps.Count} steps from {Steps[0]} to {Steps[^1]}.");
            foreach (var series in Series)
            {
                var known = series.Values.Select((v, i) => (Value: v, Step: Steps[i])).Where(p => p.Value is not null).ToList();
                if (known.Count == 0) continue;
                var (least, most) = (known.MinBy(p => p.Value), known.MaxBy(p => p.Value));
                words.Append(CultureInfo.InvariantCulture, $" {series.Name}: from {Format(least.Value!.Value)} to {Format(most.Value!.Value)} ({most.Step}), last {Format(known[^1].Value!.Value)}.");
            }
            return words.ToString();
        }
    }

    /// <summary>The bars, from the bottom up.</summary>
    public IEnumerable<ChartBar> Bars()
    {
        var (top, band) = (Top, (double)Width / Steps.Count);
        for (var i = 0; i < Steps.Count; i++)
        {
            var below = 0.0;
            foreach (var series in Series)
            {
                if (series.Values[i] is not { } value || value <= 0) continue;
                below += value;
                var (height, y) = (Height * value / top, Height * (1 - below / top));
                yield return new(series.Css, Number(i * band + band * (1 - BarShare) / 2), Number(y), Number(band * BarShare), Number(height), $"{Steps[i]}: {Format(value)}{(Series.Count > 1 ? " " + series.Name.ToLowerInvariant() : "")}");
            }
        }
    }

    /// <summary>A series as the path of an SVG; where nothing was measured it breaks off.</summary>
    public string Path(ChartSeries series)
    {
        ArgumentNullException.ThrowIfNull(series);
        var (top, path, isDown) = (Top, new StringBuilder(), false);
        for (var i = 0; i < Steps.Count; i++)
        {
            if (series.Values[i] is not { } value)
            {
                isDown = false;
                continue;
            }
            var x = Steps.Count == 1 ? Width / 2.0 : Width * (double)i / (Steps.Count - 1);
            path.Append(isDown ? 'L' : 'M').Append(Number(x)).Append(' ').Append(Number(Height * (1 - value / top)));
            // A point alone is a dot.
            if (!isDown && (i + 1 == Steps.Count || series.Values[i + 1] is null)) path.Append("h.01");
            isDown = true;
        }
        return path.ToString();
    }

    // The gap between many bars is finer, or it would flicker.
    private double BarShare => Steps.Count > 40 ? 0.84 : 0.68;

    private static string Number(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);
}

/// <summary>A bar of a chart, in its coordinates.</summary>
public sealed record ChartBar(string Css, string X, string Y, string Width, string Height, string Hint);
