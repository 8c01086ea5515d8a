using System.Reflection;
using Retail.Core.Metrics;
using Retail.Tests.HouseRules;
using Xunit;

namespace Retail.Tests.Observability;

/// <summary>docs/metrics.md tells of every type what it means, and of none that there is not.</summary>
public sealed class MetricDocsTests
{
    private static readonly string[] Columns = ["meaning", "unit", "writer", "reader"];

    [Fact]
    public void The_page_and_the_code_name_the_same_types()
    {
        var code = typeof(MetricTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!).ToList();
        var page = File.ReadLines(Path.Combine(DependencyTests.RepositoryRoot(), "docs", "metrics.md"))
            .SkipWhile(line => line != "## Types").Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToList()).ToList();
        Assert.True(code.Count > 30, $"Only {code.Count} types were found.");
        Assert.Equal(code.Order(StringComparer.Ordinal), page.Select(row => row[0].Trim('`')).Order(StringComparer.Ordinal));
        Assert.All(page, row =>
        {
            Assert.Equal(Columns.Length + 1, row.Count);
            for (var i = 0; i < Columns.Length; i++) Assert.True(row[i + 1].Length > 1, $"{row[0]} has no {Columns[i]}.");
        });
    }
}
