using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Retail.Core.Quality.Scenarios;
using Retail.Tests.HouseRules;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality;

/// <summary>QS-Catalog.md as people write it and the program reads it.</summary>
public sealed class CatalogueTests
{
    private static readonly NamedQueries Queries = new();
    private static readonly string Catalogue = Path.Combine(DependencyTests.RepositoryRoot(), CatalogueFile.Name);

    [Fact]
    public void The_catalogue_has_its_twenty_scenarios_each_with_six_parts()
    {
        var read = Parse(File.ReadAllText(Catalogue));
        Assert.Empty(read.Mistakes);
        Assert.Equal(["A1", "A2", "A3", "P1", "P2", "P3", "S1", "S2", "S3", "M1", "M2", "I1", "I2", "T1", "T2", "U1", "U2", "DP1", "DI1", "DI2"], read.Scenarios.Select(s => s.Id));
        Assert.All(read.Scenarios, s => Assert.Equal(CatalogueParser.PartNames, s.Parts.Select(p => p.Name)));
        Assert.All(read.Scenarios.SelectMany(s => s.Measures), m => Assert.True(m.Words.Length > 10, $"{m.Text} is not explained."));
        Assert.Equal("stock_conflicts = 0 over 7d min 100 of count(order_accept_ms)", read.Scenarios[0].Measures[0].Text);
        Assert.Equal(("flash-sale", "Availability"), (read.Scenarios[0].Drill, read.Scenarios[0].Quality));
    }

    [Fact]
    public void The_catalogue_explains_every_query_that_there_is_and_no_other()
    {
        var explained = File.ReadLines(Catalogue).SkipWhile(line => !line.StartsWith("| named query", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('`')[1]);
        Assert.Equal(Queries.All.Select(q => q.Name).Order(StringComparer.Ordinal), explained.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("| **Response** | Orders are", "| **Answer** | Orders are", "A1 has a part 'Answer': expected one of Source, Stimulus, Environment, Artifact, Response, Response measure.")]
    [InlineData("| **Artifact** | Order intake, stock and its ledger |\n", "", "A1 has no Artifact: expected a row '| **Artifact** | what it is |'.")]
    [InlineData("| **Source** | Hundreds of shoppers, and programs that act for them |", "| **Source** | |", "A1 has no words for Source: expected '| **Source** | what it is |'.")]
    [InlineData("### A1: Flash", "### A-1 Flash", "expected a heading such as '### A1: Title' instead of '### A-1 Flash Sale Concurrency Control'.")]
    [InlineData("### A2: ", "### A1: ", "A1 is there already, in line ")]
    [InlineData("- `stock_differences = 0`: counter, ledger and open orders agree for every variant", "- stock is right", "A1 has a list item without a measure: expected '- `metric = 0 over 7d`: what it means'.")]
    [InlineData("`stock_conflicts = 0 over 7d", "`stock_conflict = 0 over 7d", "there is no metric or query 'stock_conflict': did you mean stock_conflicts?.")]
    [InlineData("> However many people order", "However many people order", "A1 has no promise: expected a line that begins with '>'.")]
    public void A_mistake_is_told_with_file_line_and_what_was_expected(string right, string wrong, string message)
    {
        var text = File.ReadAllText(Catalogue);
        Assert.Contains(right, text, StringComparison.Ordinal);
        var at = text.IndexOf(right, StringComparison.Ordinal);
        var read = Parse(text[..at] + wrong + text[(at + right.Length)..]);
        var mistake = read.Mistakes.First(m => m.Message.Contains(message, StringComparison.Ordinal));
        var line = text[..at].Count(c => c == '\n') + 1;
        // What is missing is told at the scenario's heading.
        Assert.Equal(message.Contains(" has no ", StringComparison.Ordinal) && !message.Contains("words", StringComparison.Ordinal) ? text[..text.IndexOf("\n### A1: ", StringComparison.Ordinal)].Count(c => c == '\n') + 2 : line, mistake.Line);
        Assert.StartsWith($"QS-Catalog.md:{mistake.Line}: ", mistake.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_file_is_read_again_and_a_broken_one_leaves_the_last_good_one_in_force()
    {
        var folder = TestDatabase.NewFolder();
        try
        {
            var (path, clock) = (Path.Combine(folder, CatalogueFile.Name), new SetClock());
            var file = new CatalogueFile(Queries, Options.Create(new ScenarioOptions { Catalogue = path }), clock, NullLogger<CatalogueFile>.Instance);
            Assert.Contains("is not there; looked for", Assert.Single(file.Current.Mistakes).Message, StringComparison.Ordinal);

            var text = File.ReadAllText(Catalogue);
            Write(text);
            Assert.Equal(95, Limit(file));
            Write(text.Replace("payment_success_rate >= 95% over 7d min 20`:", "payment_success_rate >= 98% over 7d min 20`:", StringComparison.Ordinal));
            Assert.Equal(98, Limit(file));
            Write(text.Replace("payment_success_rate >= 95% over 7d min 20`:", "payment_success_rate >= many`:", StringComparison.Ordinal));
            Assert.Contains("expected a number", Assert.Single(file.Current.Mistakes).Message, StringComparison.Ordinal);
            Assert.Equal(98, Limit(file));

            void Write(string content)
            {
                File.WriteAllText(path, content);
                clock.Advance(TimeSpan.FromSeconds(2));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static double Limit(CatalogueFile file) => file.InForce.Scenarios.Single(s => s.Id == "A2").Measures[0].Limit;
    }

    private static QualityCatalogue Parse(string text) => CatalogueParser.Parse("QS-Catalog.md", text, MeasureNames.With(Queries.All));
}
