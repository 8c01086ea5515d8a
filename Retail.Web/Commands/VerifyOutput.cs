using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;
using Retail.Core.Data;
using Retail.Core.Metrics;
using Retail.Core.Quality.Scenarios;
using Retail.Core.Quality.Scenarios.SelfTest;
using Spectre.Console;

namespace Retail.Web.Commands;

/// <summary>How verdicts are told: to a person, to a pipeline, to a program.</summary>
internal static class VerifyOutput
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter<VerdictStatus>(JsonNamingPolicy.SnakeCaseUpper) },
    };

    public static void Table(IReadOnlyList<ScenarioVerdict> verdicts)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("Scenario").NoWrap()).AddColumn(new TableColumn("Verdict").NoWrap()).AddColumn("Measure")
            .AddColumn(new TableColumn("Measured").RightAligned()).AddColumn(new TableColumn("Sample").RightAligned());
        foreach (var verdict in verdicts)
        {
            var first = true;
            foreach (var measure in verdict.Measures)
            {
                table.AddRow(
                    new Text(first ? $"{verdict.Scenario} {Shortened(verdict.Title)}" : ""),
                    first ? Word(verdict.Status) : new Text(""),
                    new Text(measure.Measure),
                    new Text(measure.Value is null ? "-" : $"{measure.Measured}{(measure.Status == VerdictStatus.Fail ? " !" : "")}"),
                    new Text(Units.Say(measure.Sample, "")));
                first = false;
            }
        }
        var console = Terminal();
        console.Write(table);
        console.WriteLine(Summary(verdicts));
        foreach (var verdict in verdicts.Where(v => v.Status != VerdictStatus.Pass))
            console.WriteLine($"{verdict.Scenario} {verdict.Status.Word()}: {verdict.Decisive.Measure}: {verdict.Decisive.Says}");
    }

    public static void Gate(IReadOnlyList<ScenarioVerdict> verdicts, int exit)
    {
        foreach (var verdict in verdicts.Where(v => v.Status != VerdictStatus.Pass).OrderBy(v => v.Status))
            foreach (var measure in verdict.Measures.Where(m => m.Status != VerdictStatus.Pass))
                Console.WriteLine($"{verdict.Scenario} {measure.Status.Word()}: {measure.Measure}: {measure.Says}");
        Console.WriteLine(Summary(verdicts));
        Console.WriteLine(exit switch { 0 => "The gate is open.", 1 => "The gate is closed: a promise is broken.", _ => "The gate is closed: not every promise is proven. Run the drills and try again." });
    }

    public static void Json(IReadOnlyList<ScenarioVerdict> verdicts, int exit, TimeSpan? maxAge) => Console.WriteLine(JsonSerializer.Serialize(new
    {
        evaluatedAt = verdicts.Count == 0 ? default : verdicts[0].EvaluatedAt,
        release = MetricRecorder.Release,
        node = MetricRecorder.Node,
        catalogue = verdicts.Count == 0 ? "" : verdicts[0].Catalogue,
        maxAgeSeconds = maxAge?.TotalSeconds,
        exitCode = exit,
        summary = Enum.GetValues<VerdictStatus>().ToDictionary(s => s.Code(), s => verdicts.Count(v => v.Status == s)),
        scenarios = verdicts.Select(v => new { id = v.Scenario, v.Title, v.Status, v.Measures }),
    }, Web));

    /// <summary>A test case for each scenario: FAIL is a failure; what is not proven is an error, since a skipped case would look like a good one.</summary>
    public static void JUnit(IReadOnlyList<ScenarioVerdict> verdicts, IReadOnlyList<Scenario> scenarios, string file)
    {
        try
        {
            using var xml = XmlWriter.Create(file, new XmlWriterSettings { Indent = true });
            xml.WriteStartElement("testsuites");
            foreach (var suite in scenarios.GroupBy(s => s.Quality))
            {
                var cases = suite.Select(s => verdicts.First(v => v.Scenario == s.Id)).ToList();
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", suite.Key);
                xml.WriteAttributeString("tests", Number(cases.Count));
                xml.WriteAttributeString("failures", Number(cases.Count(c => c.Status == VerdictStatus.Fail)));
                xml.WriteAttributeString("errors", Number(cases.Count(c => c.Status is VerdictStatus.NotExercised or VerdictStatus.Stale)));
                xml.WriteAttributeString("timestamp", cases[0].EvaluatedAt.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
                foreach (var verdict in cases) Write(xml, suite.Key, verdict);
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The report can't be written to {file} ({e.Message.TrimEnd('.')}): name another file.", e);
        }
    }

    /// <summary>Tells what the self-test found; answers whether all of it came out as it must.</summary>
    public static bool SelfTest(IReadOnlyList<SelfTestStep> steps)
    {
        foreach (var scenario in steps.GroupBy(s => s.Scenario))
        {
            var violations = scenario.Where(s => s.Expected == VerdictStatus.Fail).ToList();
            Console.WriteLine($"{(scenario.All(s => s.Ok) ? "ok    " : "WRONG ")} {scenario.Key,-4} empty: {Found(scenario.First())}; good evidence: {Found(scenario.ElementAt(1))}; "
                + $"{violations.Count(v => v.Ok)} of {violations.Count} violations: FAIL; removed: {string.Join(", ", scenario.Where(s => s.What == "the violation removed").Select(Found).Distinct())}");
            foreach (var step in scenario.Where(s => !s.Ok))
                Console.WriteLine($"         {step.What}: expected {step.Expected.Word()}, found {Found(step)} ({step.Why})");
        }
        var wrong = steps.Count(s => !s.Ok);
        Console.WriteLine(wrong == 0 && steps.Count > 0
            ? $"Every light turns red and green again: {steps.Select(s => s.Scenario).Distinct().Count()} scenarios, {steps.Count(s => s.Expected == VerdictStatus.Fail)} violations."
            : $"{wrong} of {steps.Count} steps came out wrong.");
        return wrong == 0 && steps.Count > 0;

        static string Found(SelfTestStep step) => step.Found?.Word() ?? "nothing";
    }

    private static void Write(XmlWriter xml, string quality, ScenarioVerdict verdict)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", quality);
        xml.WriteAttributeString("name", $"{verdict.Scenario} {verdict.Title}");
        if (verdict.Status != VerdictStatus.Pass)
        {
            xml.WriteStartElement(verdict.Status == VerdictStatus.Fail ? "failure" : "error");
            xml.WriteAttributeString("type", verdict.Status.Code());
            xml.WriteAttributeString("message", $"{verdict.Decisive.Measure}: {verdict.Decisive.Says}");
            xml.WriteEndElement();
        }
        xml.WriteElementString("system-out", string.Join('\n', verdict.Measures.Select(m => $"{m.Status.Word()} {m.Measure}: {m.Says}")));
        xml.WriteEndElement();
    }

    private static string Summary(IReadOnlyList<ScenarioVerdict> verdicts) =>
        string.Join(", ", Enum.GetValues<VerdictStatus>().Select(s => $"{verdicts.Count(v => v.Status == s)} {s.Word()}"));

    private static Text Word(VerdictStatus status) => new(status.Word(), new Style(status switch
    {
        VerdictStatus.Pass => Color.Green,
        VerdictStatus.Fail => Color.Red,
        VerdictStatus.Stale => Color.Yellow,
        _ => Color.Grey,
    }, decoration: status == VerdictStatus.Fail ? Decoration.Bold : Decoration.None));

    // In a pipe there is no width to go by.
    private static IAnsiConsole Terminal()
    {
        if (!Console.IsOutputRedirected) return AnsiConsole.Console;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = 180;
        return console;
    }

    private static string Shortened(string title) => title.Length <= 36 ? title : title[..35] + "…";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
