using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Metrics;
using Retail.Core.Quality.Scenarios;
using Retail.Core.Quality.Scenarios.SelfTest;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality;

/// <summary>What verdicts are made of, and what is kept of them.</summary>
public sealed class VerdictTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly MeasureNames Names = MeasureNames.With(new NamedQueries().All);
    private readonly SetClock _clock = new();
    private CoreHost _core = null!;

    public async ValueTask InitializeAsync() => _core = await CoreHost.StartAsync(database, _clock);

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Fact]
    public async Task Without_evidence_nothing_passes_and_old_evidence_is_stale()
    {
        const string measure = "max(feed_seconds) <= 120s over 7d min 2";
        Assert.Equal(VerdictStatus.NotExercised, (await EvaluateAsync(measure)).Status);
        await RecordAsync("feed_seconds", 3, ago: TimeSpan.FromDays(2));
        Assert.Equal(VerdictStatus.NotExercised, (await EvaluateAsync(measure)).Status);   // one is too little
        await RecordAsync("feed_seconds", 4, ago: TimeSpan.FromDays(3));
        var pass = await EvaluateAsync(measure);
        Assert.Equal((VerdictStatus.Pass, 4, 2), (pass.Status, pass.Value, pass.Sample));
        Assert.Equal(VerdictStatus.Stale, (await EvaluateAsync(measure, maxAge: TimeSpan.FromHours(24))).Status);
        _clock.Advance(TimeSpan.FromDays(30));
        var stale = await EvaluateAsync(measure);
        Assert.Equal(VerdictStatus.Stale, stale.Status);
        Assert.Contains("older than 7 days", stale.Says, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_incident_fails_at_once_but_a_rate_needs_its_sample()
    {
        await RecordAsync("order_accept_ms", 5, metadata: """{"count":120}""");
        Assert.Equal(VerdictStatus.Pass, (await EvaluateAsync("stock_conflicts = 0 over 7d min 100 of count(order_accept_ms)")).Status);
        Assert.Equal(VerdictStatus.NotExercised, (await EvaluateAsync("stock_conflicts = 0 over 7d min 121 of count(order_accept_ms)")).Status);
        await RecordAsync("stock_conflicts", 1, metadata: """{"source":"intake"}""");
        var fail = await EvaluateAsync("stock_conflicts = 0 over 7d min 121 of count(order_accept_ms)");
        Assert.Equal((VerdictStatus.Fail, 1), (fail.Status, fail.Value));
        Assert.Equal("intake", fail.Rows.Single()["metadata"]!["source"]!.GetValue<string>());
        Assert.True(fail.Rows[0]["id"]!.GetValue<long>() > 0);

        await RecordAsync("payment_attempt", 9, metadata: """{"outcome":"unknown"}""");
        Assert.Equal(VerdictStatus.NotExercised, (await EvaluateAsync("share(payment_attempt{outcome=paid}) >= 95% over 7d min 4")).Status);
        for (var i = 0; i < 3; i++) await RecordAsync("payment_attempt", 9, metadata: """{"outcome":"paid"}""");
        var share = await EvaluateAsync("share(payment_attempt{outcome=paid}) >= 95% over 7d min 4");
        Assert.Equal((VerdictStatus.Fail, 75, 4), (share.Status, share.Value, share.Sample));
    }

    [Fact]
    public async Task Percentiles_come_from_histograms_and_from_single_times()
    {
        for (var ms = 1; ms <= 100; ms++) await RecordAsync("payment_fast_fail_ms", ms);
        Assert.Equal(95, (await EvaluateAsync("p95(payment_fast_fail_ms) < 100ms over 7d min 5")).Value);
        Assert.Equal(50, (await EvaluateAsync("p50(payment_fast_fail_ms) < 100ms over 7d min 5")).Value);

        // Two nodes' rows merge: 190 of 200 below 10 ms, 10 at 300 ms. The value of such a row is a count.
        var (quick, slow) = (LatencyHistogram.IndexOf(TimeSpan.FromMilliseconds(9)), LatencyHistogram.IndexOf(TimeSpan.FromMilliseconds(300)));
        await RecordAsync("http_requests", 100, metadata: $$$"""{"route":"/products","method":"GET","buckets":{"{{{quick}}}":100}}""");
        await RecordAsync("http_requests", 100, metadata: $$$"""{"route":"/products","method":"GET","buckets":{"{{{quick}}}":90,"{{{slow}}}":10}}""");
        await RecordAsync("http_requests", 1000, metadata: $$$"""{"route":"/cart","method":"GET","buckets":{"{{{slow}}}":1000}}""");
        var p95 = await EvaluateAsync("p95(http_requests{route=/products/}) < 500ms over 7d min 100");
        Assert.Equal((200, LatencyHistogram.UpperBoundMs(quick)), (p95.Sample, p95.Value));
        Assert.Equal(LatencyHistogram.UpperBoundMs(slow), (await EvaluateAsync("p99(http_requests{route=/products/}) < 500ms over 7d min 100")).Value);

        // In seconds, though buckets are in milliseconds.
        await RecordAsync("job_wait_s", 0.2, metadata: $$$"""{"count":20,"buckets":{"{{{slow}}}":20}}""");
        Assert.Equal(LatencyHistogram.UpperBoundMs(slow) / 1000, (await EvaluateAsync("p95(job_wait_s) <= 30s over 7d min 20")).Value!.Value, 9);
    }

    [Fact]
    public async Task A_condition_takes_only_the_rows_of_its_times()
    {
        await RecordAsync("catalog_products", 10, ago: TimeSpan.FromHours(5));
        await RecordAsync("http_requests", 7, ago: TimeSpan.FromHours(4), metadata: """{"queries_max":99}""");
        await RecordAsync("catalog_products", 200_000, ago: TimeSpan.FromHours(3));
        await RecordAsync("http_requests", 5, ago: TimeSpan.FromHours(2), metadata: """{"queries_max":3}""");
        await RecordAsync("catalog_products", 10, ago: TimeSpan.FromHours(1));
        await RecordAsync("http_requests", 9, metadata: """{"queries_max":50}""");
        var large = await EvaluateAsync("max(http_requests.queries_max) <= 8 over 7d when catalog_products >= 100000");
        Assert.Equal((VerdictStatus.Pass, 3, 5), (large.Status, large.Value, large.Sample));
    }

    [Fact]
    public async Task Payment_success_is_judged_by_order_and_a_decline_is_an_answer()
    {
        await using var connection = await _core.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(TestContext.Current.CancellationToken);
        await PlantedShop.PlantAsync(connection, 40, CancellationToken.None);
        await ExecuteAsync("UPDATE payments SET status = 'Declined' WHERE id IN (SELECT id FROM payments ORDER BY id LIMIT 18)");
        var clean = await EvaluateAsync("payment_success_rate >= 95% over 7d min 20");
        Assert.Equal((VerdictStatus.Pass, 100, 22), (clean.Status, clean.Value, clean.Sample));

        // Kept in an outage and settled later, by a second attempt: a success. Given up, or without an answer for long: failures.
        await ExecuteAsync("""
            UPDATE payments SET status = 'Unknown' WHERE id = (SELECT id FROM payments WHERE status = 'Captured' ORDER BY id LIMIT 1);
            INSERT INTO payments (id, order_id, amount_amount, amount_currency, status, method_id, card_brand, card_last4, gateway_id, started_at, tries)
            SELECT gen_random_uuid(), order_id, amount_amount, amount_currency, 'Captured', method_id, card_brand, card_last4, 'pi_later', started_at + interval '5 minutes', 1 FROM payments WHERE status = 'Unknown'
            """);
        Assert.Equal((100, 22), ((await EvaluateAsync("payment_success_rate >= 95% over 7d min 20")) is var settled ? (settled.Value, settled.Sample) : default));
        await ExecuteAsync("""
            UPDATE payments SET status = 'Abandoned', code = 'no_answer_in_time' WHERE id = (SELECT id FROM payments WHERE status = 'Captured' ORDER BY id LIMIT 1);
            UPDATE payments SET status = 'Started' WHERE id = (SELECT id FROM payments WHERE status = 'Captured' ORDER BY id DESC LIMIT 1)
            """);
        var failing = await EvaluateAsync("payment_success_rate >= 95% over 7d min 20");
        Assert.Equal((VerdictStatus.Fail, 22), (failing.Status, failing.Sample));
        Assert.Equal(100.0 * 20 / 22, failing.Value!.Value, 6);
        Assert.Equal(["given up", "no answer"], failing.Rows.Take(2).Select(r => r["outcome"]!.GetValue<string>()).Order(StringComparer.Ordinal));

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_unit_that_was_oversold_by_hand_is_found_and_becomes_one_incident()
    {
        await using (var connection = await _core.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await PlantedShop.PlantAsync(connection, 30, CancellationToken.None);
            Assert.Equal(VerdictStatus.Pass, (await EvaluateAsync("oversold_units = 0 over 7d min 20")).Status);
            await using var wrong = new NpgsqlCommand(PlantedShop.Wrongs["oversold_units"], connection);
            await wrong.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        Assert.Equal((VerdictStatus.Fail, 1), (await EvaluateAsync("oversold_units = 0 over 7d min 20")) is var found ? (found.Status, found.Value) : default);
        for (var look = 0; look < 2; look++)
        {
            await using var scope = _core.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<EvaluateScenariosJob>().RunAsync(new(), CancellationToken.None);
            for (var wait = 0; wait < 100 && await _core.QueryAsync<long>("SELECT count(*) FROM metric WHERE type = 'stock_conflicts'") == 0; wait++) await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        Assert.Equal("recount/SELFTEST/1", await _core.QueryAsync<string>("SELECT string_agg((metadata->>'source') || '/' || (metadata->>'sku') || '/' || (metadata->>'units'), ',') FROM metric WHERE type = 'stock_conflicts'"));
        Assert.Equal("FAIL", await _core.QueryAsync<string>("SELECT status FROM verdicts WHERE scenario = 'A1' ORDER BY id DESC LIMIT 1"));
    }

    [Fact]
    public async Task A_verdict_is_kept_when_something_changes_and_each_hour_and_its_first_moment_stays()
    {
        await KeepAsync(VerdictStatus.Pass, 0);
        await KeepAsync(VerdictStatus.Pass, 1);    // the first of a stretch stays as it was found
        await KeepAsync(VerdictStatus.Pass, 2);
        await KeepAsync(VerdictStatus.Pass, 4);
        Assert.Equal(2, await CountAsync());
        await KeepAsync(VerdictStatus.Pass, 30);   // nobody looked for a while: the gap stays
        Assert.Equal(3, await CountAsync());
        await KeepAsync(VerdictStatus.Fail, 31);
        for (var minute = 32; minute < 91; minute++) await KeepAsync(VerdictStatus.Fail, minute);
        Assert.Equal(5, await CountAsync());
        await KeepAsync(VerdictStatus.Fail, 93);   // an hour is full
        Assert.Equal(6, await CountAsync());
        await KeepAsync(VerdictStatus.Pass, 94);

        await using var scope = _core.Services.CreateAsyncScope();
        var queries = scope.ServiceProvider.GetRequiredService<VerdictQueries>();
        var failure = (await queries.FailuresAsync(CancellationToken.None))["A1"];
        Assert.Equal(Start.AddMinutes(31), failure.First);
        Assert.Equal("found at 31", (await queries.FindAsync("A1", failure.FirstId, CancellationToken.None))!.Decisive.Says);
        Assert.Equal([VerdictStatus.Pass, VerdictStatus.Pass, VerdictStatus.Fail, VerdictStatus.Pass], (await queries.HistoryAsync(Start, CancellationToken.None))["A1"].Select(s => s.Status));
        Assert.Equal(VerdictStatus.Pass, (await queries.LatestAsync(CancellationToken.None))["A1"].Status);
        var row = (await queries.OfAsync("A1", 10, CancellationToken.None))[0];
        Assert.NotEmpty(row.Release);
        Assert.Contains(":", row.Node, StringComparison.Ordinal);

        await KeepAsync(VerdictStatus.Pass, (int)TimeSpan.FromDays(120).TotalMinutes);
        Assert.Equal(1, await CountAsync());       // what is older than 90 days is forgotten
    }

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private Task KeepAsync(VerdictStatus status, int minute) => _core.Services.GetRequiredService<VerdictStore>().KeepAsync(
        [new("A1", "Title", status, [new() { Measure = "oversold_units = 0", Status = status, Demand = "= 0", Says = $"found at {minute}" }], "v1", Start.AddMinutes(minute))], CancellationToken.None);

    private Task<long> CountAsync() => _core.QueryAsync<long>("SELECT count(*) FROM verdicts");

    private async Task<MeasureOutcome> EvaluateAsync(string measure, TimeSpan? maxAge = null)
    {
        await using var connection = await _core.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(TestContext.Current.CancellationToken);
        var evaluator = new MeasureEvaluator(connection, new NamedQueries(), AppContext.BaseDirectory, maxAge);
        return await evaluator.EvaluateAsync(MeasureParser.Parse(measure, Names), _clock.GetUtcNow(), CancellationToken.None);
    }

    private async Task RecordAsync(string type, double value, TimeSpan ago = default, string metadata = "{}")
    {
        await using var connection = await _core.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(TestContext.Current.CancellationToken);
        var at = _clock.GetUtcNow() - ago;
        await MetricTable.EnsurePartitionAsync(connection, DateOnly.FromDateTime(at.UtcDateTime), CancellationToken.None);
        await using var insert = new NpgsqlCommand("INSERT INTO metric (type, value, metadata, timestamp) VALUES ($1, $2, $3::jsonb, $4)", connection)
        {
            Parameters = { new() { Value = type }, new() { Value = value }, new() { Value = metadata }, new() { Value = at } },
        };
        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
