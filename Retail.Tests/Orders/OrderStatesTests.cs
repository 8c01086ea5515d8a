using System.Text.RegularExpressions;
using Retail.Core.Orders;
using Retail.Tests.HouseRules;
using Xunit;

namespace Retail.Tests.Orders;

/// <summary>The drawing of the state machine is the state machine.</summary>
public sealed partial class OrderStatesTests
{
    [Fact]
    public async Task The_diagram_shows_each_change_that_the_code_allows_and_no_other()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(DependencyTests.RepositoryRoot(), "docs", "order-states.md"), TestContext.Current.CancellationToken);
        var drawn = Arrow().Matches(text).Select(m => (Enum.Parse<OrderStatus>(m.Groups["from"].Value), Enum.Parse<OrderStatus>(m.Groups["to"].Value))).ToHashSet();
        Assert.True(drawn.Count > 5, "There is no diagram.");
        foreach (var from in Enum.GetValues<OrderStatus>())
        {
            foreach (var to in Enum.GetValues<OrderStatus>())
                Assert.True(Order.MayBecome(from, to) == drawn.Contains((from, to)), $"{from} --> {to} is not the same in code and diagram.");
        }
    }

    [GeneratedRegex(@"^\s*(?<from>[A-Z]\w+) --> (?<to>[A-Z]\w+)", RegexOptions.Multiline)]
    private static partial Regex Arrow();
}
