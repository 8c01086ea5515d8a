using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Data;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Scenarios.SelfTest;

/// <summary>One thing that the self-test looked at.</summary>
/// <param name="Scenario">Its id.</param>
/// <param name="What">What was planted: nothing, good evidence, a violation, or its removal.</param>
/// <param name="Expected">The verdict that must follow.</param>
/// <param name="Found">The verdict that did; null when it could not be tried.</param>
/// <param name="Why">What the measure said, or why it could not be tried.</param>
public sealed record SelfTestStep(string Scenario, string What, VerdictStatus Expected, VerdictStatus? Found, string Why)
{
    /// <summary>It came out as it must.</summary>
    public bool Ok => Expected == Found;
}

/// <summary>
/// Proves that every light can turn red. In a scratch database beside the store's own, made for it and dropped afterwards: each scenario
/// must be NOT EXERCISED with nothing in it, PASS with good evidence, FAIL when one of its measures is violated, for each of its
/// measures, and PASS again when the violation is removed.
/// </summary>
public sealed class ScenarioSelfTest(NamedQueries queries, TimeProvider clock)
{
    /// <summary>Runs it for all scenarios of a catalogue.</summary>
    /// <param name="connectionString">The store's database: on its server the scratch database is made. Nothing in it is touched.</param>
    /// <param name="catalogue">Whose measures are tried.</param>
    /// <param name="ct">Stops the work; the scratch database is dropped all the same.</param>
    public async Task<IReadOnlyList<SelfTestStep>> RunAsync(string connectionString, QualityCatalogue catalogue, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        var scratch = $"retail_selftest_{RandomNumberGenerator.GetHexString(10, lowercase: true)}";
        await OnServerAsync(connectionString, $"CREATE DATABASE {scratch}");
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString) { Database = scratch, Pooling = false };
            await MigrateAsync(settings.ConnectionString, ct);
            await using var source = NpgsqlDataSource.Create(settings);
            await using var connection = await source.OpenConnectionAsync(ct);
            var now = clock.GetUtcNow();
            foreach (var day in new[] { now.AddHours(-1), now }.Select(t => DateOnly.FromDateTime(t.UtcDateTime)).Distinct()) await MetricTable.EnsurePartitionAsync(connection, day, ct);
            var steps = new List<SelfTestStep>();
            foreach (var scenario in catalogue.Scenarios) steps.AddRange(await TryAsync(connection, scenario, now, ct));
            return steps;
        }
        finally
        {
            await OnServerAsync(connectionString, $"DROP DATABASE IF EXISTS {scratch} WITH (FORCE)");
        }
    }

    private async Task<List<SelfTestStep>> TryAsync(NpgsqlConnection connection, Scenario scenario, DateTimeOffset now, CancellationToken ct)
    {
        var steps = new List<SelfTestStep>();
        using var nothing = PlantedProgram.Empty();
        using var good = PlantedProgram.With(Most(scenario), fault: null);
        steps.Add(await StepAsync("an empty store", VerdictStatus.NotExercised, nothing));
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await PlantedShop.PlantAsync(connection, Most(scenario), ct);
        foreach (var measure in scenario.Measures) await PlantedMetrics.HoldAsync(connection, measure, now, ct);
        steps.Add(await StepAsync("good evidence", VerdictStatus.Pass, good));
        foreach (var measure in scenario.Measures)
        {
            await transaction.SaveAsync("good", ct);
            var isCode = measure.Source.Kind == SourceKind.Query && !PlantedShop.Wrongs.ContainsKey(measure.Source.Name);
            using var broken = isCode ? PlantedProgram.With(Most(scenario), measure.Source.Name) : null;
            if (!isCode) await BreakAsync(connection, measure, now, ct);
            steps.Add(await StepAsync($"a violation of `{measure.Text}`", VerdictStatus.Fail, broken ?? good, measure));
            await transaction.RollbackAsync("good", ct);
            steps.Add(await StepAsync("the violation removed", VerdictStatus.Pass, good));
        }
        await transaction.RollbackAsync(ct);
        return steps;

        async Task<SelfTestStep> StepAsync(string what, VerdictStatus expected, PlantedProgram program, Measure? violated = null)
        {
            var evaluator = new MeasureEvaluator(connection, queries, program.Folder, maxAge: null);
            var verdict = await ScenarioEvaluator.EvaluateAsync(scenario, "", measure => evaluator.EvaluateAsync(measure, now, ct), now);
            // It must be the violated measure itself that says so.
            var decisive = violated is null ? verdict.Decisive : verdict.Measures.First(m => m.Measure == violated.Text);
            var found = violated is null || decisive.Status == VerdictStatus.Fail ? verdict.Status : decisive.Status;
            return new(scenario.Id, what, expected, found, $"{decisive.Measure}: {decisive.Says}");
        }
    }

    private static async Task BreakAsync(NpgsqlConnection connection, Measure measure, DateTimeOffset now, CancellationToken ct)
    {
        if (measure.Source.Kind == SourceKind.Metric)
        {
            await PlantedMetrics.BreakAsync(connection, measure, now, ct);
            return;
        }
        await using var wrong = new NpgsqlCommand(PlantedShop.Wrongs[measure.Source.Name], connection);
        await wrong.ExecuteNonQueryAsync(ct);
    }

    private static long Most(Scenario scenario) => Math.Max(20, scenario.Measures.Where(m => m.Source.Kind == SourceKind.Query).Select(m => m.Minimum).DefaultIfEmpty().Max());

    private static async Task MigrateAsync(string connectionString, CancellationToken ct)
    {
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(new ConfigurationBuilder().Build()).AddLogging().AddData(connectionString).BuildServiceProvider();
        await services.GetRequiredService<DatabaseMigrator>().ApplyAsync(ct);
    }

    private static async Task OnServerAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        try
        {
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new StartupException("The self-test needs a scratch database, and this database account may not make one: give it the right with ALTER ROLE ... CREATEDB, or run it against another server.", e);
        }
    }
}
