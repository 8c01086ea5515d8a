using System.Globalization;

namespace Retail.Core.Quality.Scenarios;

/// <summary>Reads the notation of measures, which QS-Catalog.md explains.</summary>
public sealed class MeasureParser
{
    private static readonly (string Sign, Comparison Comparison)[] Signs =
    [
        ("<=", Comparison.AtMost), (">=", Comparison.AtLeast), ("!=", Comparison.NotEqual),
        ("<", Comparison.Below), (">", Comparison.Above), ("=", Comparison.Equal),
    ];

    private readonly string _text;
    private readonly MeasureNames _names;
    private int _at;

    private MeasureParser(string text, MeasureNames names) => (_text, _names) = (text, names);

    /// <summary>The measure that a text means.</summary>
    /// <exception cref="FormatException">It means none; the message says what was expected.</exception>
    public static Measure Parse(string text, MeasureNames names) => new MeasureParser(text, names).ReadAll();

    /// <summary>A comparison as it is written.</summary>
    public static string Sign(Comparison comparison) => Signs.First(s => s.Comparison == comparison).Sign;

    /// <summary>A demand for people: "≥ 95 %".</summary>
    public static string Demand(Measure measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        var sign = measure.Comparison switch { Comparison.AtMost => "\u2264", Comparison.AtLeast => "\u2265", Comparison.NotEqual => "\u2260", var other => Sign(other) };
        return $"{sign} {Units.Say(measure.Limit, measure.Source.Unit)}";
    }

    private Measure ReadAll()
    {
        var source = ReadSource();
        var comparison = ReadComparison();
        var limit = ReadNumber();
        var unit = ReadUnit();
        var measure = new Measure
        {
            Text = _text,
            Source = source,
            Comparison = comparison,
            Limit = unit.Length == 0 ? limit : Units.Convert(limit, unit, source.Unit)
                ?? throw Wrong($"{source.Name} is measured {(source.Unit.Length == 0 ? "without a unit" : $"in {source.Unit}")}, and not in {unit}"),
        };
        var seen = new HashSet<string>();
        while (Word() is { Length: > 0 } clause)
        {
            if (!seen.Add(clause)) throw Wrong($"expected '{clause}' once");
            measure = clause switch
            {
                "over" => measure with { Window = ReadSpan() },
                "when" => measure with { When = ReadCondition() },
                "min" => ReadMinimum(measure),
                _ => throw Wrong($"expected 'over', 'when' or 'min' instead of '{clause}'"),
            };
        }
        if (_at < _text.Length) throw Wrong($"expected 'over', 'when', 'min' or the end instead of '{_text[_at..]}'");
        if (measure.Window is null && (source.Kind == SourceKind.Metric || measure.SampleOf is not null))
            throw Wrong("a metric needs a window: expected 'over' and a time, such as over 7d");
        if (measure.When is not null && source.Kind == SourceKind.Query) throw Wrong("'when' goes with a metric: a named query looks at the store as it is");
        return measure;
    }

    private Measure ReadMinimum(Measure measure)
    {
        var number = ReadNumber();
        if (number < 1 || number != Math.Truncate(number)) throw Wrong("expected a whole number from 1 after 'min'");
        var before = _at;
        if (Word() == "of") return measure with { Minimum = (long)number, SampleOf = ReadSource() };
        _at = before;
        return measure with { Minimum = (long)number };
    }

    private Source ReadSource()
    {
        var name = Word();
        if (name.Length == 0) throw Wrong("expected a metric or a query");
        if (!Take('(')) return ReadBare(name);
        if (!Enum.TryParse<MetricFunction>(name, ignoreCase: true, out var function) || name.Any(char.IsUpper))
            throw Wrong($"there is no function '{name}': expected one of {string.Join(", ", Enum.GetNames<MetricFunction>()).ToLowerInvariant()}");
        var metric = Word();
        var source = ReadMetric(metric, function);
        if (!Take(')')) throw Wrong("expected ')'");
        return source;
    }

    private Source ReadBare(string name) =>
        _names.Queries.TryGetValue(name, out var unit) ? new Source(SourceKind.Query, name, unit) : ReadMetric(name, MetricFunction.Sum);

    private Source ReadMetric(string name, MetricFunction function)
    {
        if (!_names.Metrics.Contains(name)) throw Wrong(_names.Unknown(name));
        var field = Take('.') ? Word() : null;
        if (field?.Length == 0) throw Wrong("expected a field of the metadata after '.'");
        var filter = Take('{') ? ReadFilter() : [];
        if (function == MetricFunction.Share && filter.Count == 0) throw Wrong("share needs a filter: expected '{key=value}'");
        var unit = function switch
        {
            MetricFunction.Count => "",
            MetricFunction.Share => "%",
            // Requests are counted; what has a percentile is their time.
            MetricFunction.P50 or MetricFunction.P95 or MetricFunction.P99 when name == Metrics.MetricTypes.HttpRequests => "ms",
            _ => Units.OfName(field ?? name),
        };
        return new Source(SourceKind.Metric, name, unit) { Function = function, Field = field, Filter = filter };
    }

    // Values may hold braces of their own, as routes do: /products/{slug}.
    private List<(string, string)> ReadFilter()
    {
        var filter = new List<(string, string)>();
        do
        {
            var key = Word();
            if (key.Length == 0 || !Take('=')) throw Wrong("expected key=value in the filter");
            var (from, depth) = (_at, 0);
            for (; _at < _text.Length && (depth > 0 || _text[_at] is not (',' or '}')); _at++)
                depth += _text[_at] switch { '{' => 1, '}' => -1, _ => 0 };
            if (_text[from.._at].Trim() is not { Length: > 0 } value) throw Wrong("expected a value after '='");
            filter.Add((key, value));
        }
        while (Take(','));
        if (!Take('}')) throw Wrong("expected '}'");
        return filter;
    }

    private Condition ReadCondition()
    {
        var metric = Word();
        if (!_names.Metrics.Contains(metric)) throw Wrong(_names.Unknown(metric));
        return new Condition(metric, ReadComparison(), ReadNumber());
    }

    private Comparison ReadComparison()
    {
        Blanks();
        foreach (var (sign, comparison) in Signs)
        {
            if (!_text.AsSpan(_at).StartsWith(sign, StringComparison.Ordinal)) continue;
            _at += sign.Length;
            return comparison;
        }
        throw Wrong("expected =, !=, <, <=, > or >=");
    }

    private double ReadNumber()
    {
        Blanks();
        var from = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.' || (_text[_at] == '-' && _at == from))) _at++;
        return double.TryParse(_text.AsSpan(from, _at - from), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong("expected a number");
    }

    // Directly after the number, or after a blank; the words of clauses are no units.
    private string ReadUnit()
    {
        var before = _at;
        Blanks();
        if (_at < _text.Length && _text[_at] == '%')
        {
            _at++;
            return "%";
        }
        var unit = Word();
        if (unit is "MB" or "ms" or "s" or "h" or "d" || (unit == "min" && _at - unit.Length == before)) return unit;
        if (unit.Length > 0 && _at - unit.Length == before) throw Wrong($"there is no unit '{unit}': expected ms, s, min, h, d, % or MB");
        _at = before;
        return "";
    }

    private TimeSpan ReadSpan()
    {
        var number = ReadNumber();
        return Units.Span(number, Word()) ?? throw Wrong("expected a time such as 10min, 24h or 7d");
    }

    private string Word()
    {
        Blanks();
        var from = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_')) _at++;
        return _text[from.._at];
    }

    private bool Take(char sign)
    {
        Blanks();
        if (_at >= _text.Length || _text[_at] != sign) return false;
        _at++;
        return true;
    }

    private void Blanks()
    {
        while (_at < _text.Length && _text[_at] == ' ') _at++;
    }

    private FormatException Wrong(string what) => new($"`{_text}` can't be read at character {_at + 1}: {what}.");
}
