using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Quality.Scenarios;
using Retail.Core.Quality.Scenarios.SelfTest;
using Retail.Tests.HouseRules;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality;

/// <summary>Every light turns red when it must: the self-test as the command runs it, and that it would tell if one did not.</summary>
public sealed class SelfTestTests(TestDatabase database)
{
    [Fact]
    public async Task Each_measure_of_each_scenario_fails_when_it_is_violated_and_passes_again()
    {
        await using var core = await CoreHost.StartAsync(database);
        var queries = new NamedQueries();
        var catalogue = CatalogueParser.Parse("QS-Catalog.md", await File.ReadAllTextAsync(Path.Combine(DependencyTests.RepositoryRoot(), CatalogueFile.Name), TestContext.Current.CancellationToken), MeasureNames.With(queries.All));
        var steps = await new ScenarioSelfTest(queries, TimeProvider.System).RunAsync(core.ConnectionString, catalogue, CancellationToken.None);
        Assert.True(steps.All(s => s.Ok), string.Join('\n', steps.Where(s => !s.Ok)));
        Assert.Equal(20, steps.Select(s => s.Scenario).Distinct().Count());
        Assert.Equal(catalogue.Scenarios.Sum(s => s.Measures.Count), steps.Count(s => s.Expected == VerdictStatus.Fail));
        Assert.Equal(20, steps.Count(s => s.Expected == VerdictStatus.NotExercised));
        Assert.Equal(0L, await core.QueryAsync<long>("SELECT count(*) FROM pg_database WHERE datname LIKE 'retail_selftest%'"));
    }

    [Fact]
    public async Task A_light_that_can_t_turn_red_is_told()
    {
        await using var core = await CoreHost.StartAsync(database);
        var blind = new NamedQueries([NamedQuery.OfSql("oversold_units", "", "Nothing at all", "orders", "SELECT 0::float8, (SELECT count(*) FROM orders), NULL::timestamptz, NULL::text")]);
        var catalogue = CatalogueParser.Parse("QS-Catalog.md", """
            ## Availability
            ### A1: Blind
            > It always shines green.
            | **Source** | a |
            | **Stimulus** | b |
            | **Environment** | c |
            | **Artifact** | d |
            | **Response** | e |
            | **Response measure** | f |
            - `oversold_units = 0`: looks at nothing
            Exercised by nobody.
            """, MeasureNames.With(blind.All));
        Assert.Empty(catalogue.Mistakes);
        var steps = await new ScenarioSelfTest(blind, TimeProvider.System).RunAsync(core.ConnectionString, catalogue, CancellationToken.None);
        var wrong = Assert.Single(steps, s => !s.Ok);
        Assert.Equal((VerdictStatus.Fail, VerdictStatus.Pass), (wrong.Expected, wrong.Found));
    }

    [Fact]
    public async Task Every_refusal_of_the_program_says_what_to_do_in_fifty_words_at_most()
    {
        await using var core = await CoreHost.StartAsync(database);
        var verdicts = await core.Services.GetRequiredService<ScenarioEvaluator>().EvaluateAsync(null, CancellationToken.None);
        var messages = verdicts.Single(v => v.Scenario == "U1").Measures[0];
        Assert.True(messages.Sample > 100, $"Only {messages.Sample} refusals were found.");
        Assert.True(messages.Value == 0, string.Join('\n', messages.Rows.Select(r => r.ToJsonString())));
    }
}
