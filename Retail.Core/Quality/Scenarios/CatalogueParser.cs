using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Retail.Core.Quality.Scenarios;

/// <summary>Reads QS-Catalog.md, which is written for people: a heading, a promise, a table of six parts, a list of measures. Every mistake is told, not only the first.</summary>
public sealed partial class CatalogueParser
{
    /// <summary>The parts of a scenario, in their order.</summary>
    public static readonly IReadOnlyList<string> PartNames = ["Source", "Stimulus", "Environment", "Artifact", "Response", "Response measure"];

    private readonly string _file;
    private readonly MeasureNames _names;
    private readonly List<Scenario> _scenarios = [];
    private readonly List<CatalogueMistake> _mistakes = [];
    private readonly Dictionary<string, int> _ids = [];
    private Draft? _draft;
    private string _quality = "";

    private CatalogueParser(string file, MeasureNames names) => (_file, _names) = (file, names);

    /// <summary>The catalogue that a text is.</summary>
    /// <param name="file">How mistakes call it.</param>
    /// <param name="text">All of it.</param>
    /// <param name="names">What measures may name.</param>
    public static QualityCatalogue Parse(string file, string text, MeasureNames names)
    {
        var parser = new CatalogueParser(file, names);
        var number = 0;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n')) parser.Read(line.Trim(), ++number);
        parser.Close();
        if (parser._scenarios.Count == 0 && parser._mistakes.Count == 0) parser.Mistake(0, "there is no scenario in it: expected headings such as '### A1: Title'");
        return new(parser._scenarios, parser._mistakes, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]);
    }

    private void Read(string line, int number)
    {
        if (line.StartsWith("### ", StringComparison.Ordinal)) Begin(line, number);
        else if (line.StartsWith('#'))
        {
            Close();
            _quality = line.TrimStart('#').Trim();
        }
        else if (_draft is null) return;   // what explains the catalogue is for people alone
        else if (line.StartsWith('>')) _draft.Promise = $"{_draft.Promise} {line[1..].Trim()}".Trim();
        else if (line.StartsWith('|')) ReadPart(line, number);
        else if (line.StartsWith("- ", StringComparison.Ordinal) || line.StartsWith("* ", StringComparison.Ordinal)) ReadMeasure(line[2..].Trim(), number);
        else if (line.StartsWith("Exercised by", StringComparison.Ordinal)) _draft.Exercise = line["Exercised by".Length..].Trim();
    }

    private void Begin(string line, int number)
    {
        Close();
        if (Heading().Match(line) is not { Success: true } heading)
        {
            Mistake(number, $"expected a heading such as '### A1: Title' instead of '{line}'");
            return;
        }
        var id = heading.Groups["id"].Value;
        _draft = new Draft(id, heading.Groups["title"].Value, number);
        if (!_ids.TryAdd(id, number)) Mistake(number, $"{id} is there already, in line {_ids[id]}: expected an id of its own");
    }

    private void ReadPart(string line, int number)
    {
        var cells = line.Trim('|').Split('|');
        var name = cells[0].Replace("*", "", StringComparison.Ordinal).Trim();
        if (name == "Part" || cells.All(c => c.Trim(' ', '-', ':').Length == 0)) return;
        var text = string.Join('|', cells.Skip(1)).Trim();
        if (!PartNames.Contains(name)) Mistake(number, $"{_draft!.Id} has a part '{name}': expected one of {string.Join(", ", PartNames)}");
        else if (!_draft!.Parts.TryAdd(name, text)) Mistake(number, $"{_draft.Id} has {name} twice: expected it once");
        else if (text.Length == 0) Mistake(number, $"{_draft.Id} has no words for {name}: expected '| **{name}** | what it is |'");
    }

    private void ReadMeasure(string item, int number)
    {
        if (Item().Match(item) is not { Success: true } match)
        {
            Mistake(number, $"{_draft!.Id} has a list item without a measure: expected '- `metric = 0 over 7d`: what it means'");
            return;
        }
        _draft!.HasMeasures = true;
        try
        {
            _draft.Measures.Add(MeasureParser.Parse(match.Groups["measure"].Value, _names) with { Words = match.Groups["words"].Value.Trim(), Line = number });
        }
        catch (FormatException e)
        {
            Mistake(number, e.Message.TrimEnd('.'));
        }
    }

    // A scenario with a mistake stays out: it would say less than was meant.
    private void Close()
    {
        if (_draft is not { } draft) return;
        foreach (var name in PartNames.Where(name => !draft.Parts.ContainsKey(name))) Mistake(draft.Line, $"{draft.Id} has no {name}: expected a row '| **{name}** | what it is |'");
        if (!draft.HasMeasures) Mistake(draft.Line, $"{draft.Id} has no measure: expected a list of '- `metric = 0 over 7d`: what it means'");
        if (draft.Promise.Length == 0) Mistake(draft.Line, $"{draft.Id} has no promise: expected a line that begins with '>'");
        if (draft.Exercise.Length == 0) Mistake(draft.Line, $"{draft.Id} does not say how it is exercised: expected a line that begins with 'Exercised by'");
        if (_quality.Length == 0) Mistake(draft.Line, $"{draft.Id} stands below no quality: expected a heading such as '## Availability' above it");
        _draft = null;
        if (draft.IsBroken) return;
        _scenarios.Add(new Scenario
        {
            Id = draft.Id,
            Title = draft.Title,
            Quality = _quality,
            Promise = draft.Promise,
            Parts = [.. PartNames.Select(name => (name, draft.Parts[name]))],
            Measures = draft.Measures,
            Exercise = draft.Exercise,
            Drill = Drill().Match(draft.Exercise) is { Success: true } drill ? drill.Groups["name"].Value : null,
            Line = draft.Line,
        });
    }

    private void Mistake(int line, string message)
    {
        if (_draft is not null) _draft.IsBroken = true;
        _mistakes.Add(new(_file, line, message + "."));
    }

    [GeneratedRegex(@"^### (?<id>[A-Z]{1,3}[0-9]{1,2}): (?<title>\S.*)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^`(?<measure>[^`]+)`\s*:?(?<words>.*)$")]
    private static partial Regex Item();

    [GeneratedRegex(@"`drill (?<name>[a-z][a-z-]*)`")]
    private static partial Regex Drill();

    private sealed class Draft(string id, string title, int line)
    {
        public string Id => id;
        public string Title => title;
        public int Line => line;
        public string Promise { get; set; } = "";
        public string Exercise { get; set; } = "";
        public bool HasMeasures { get; set; }
        public bool IsBroken { get; set; }
        public Dictionary<string, string> Parts { get; } = [];
        public List<Measure> Measures { get; } = [];
    }
}
