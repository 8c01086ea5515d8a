using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Data;
using Retail.Core.Data.Jobs;
using Retail.Core.Data.Outbox;
using Retail.Core.Metrics;
using Retail.Core.Quality.Alerts;
using Retail.Core.Quality.Scenarios;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality;

/// <summary>Each rule is made to fire by what it watches for, and to resolve when that is over.</summary>
public sealed class AlertTests(TestDatabase database) : IAsyncLifetime
{
    private readonly SetClock _clock = new();
    private CoreHost _store = null!;

    public async ValueTask InitializeAsync() => _store = await CoreHost.StartAsync(database, _clock, ("Alerts:MailTo", "ops@example.com, lead@example.com"));

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    /// <summary>For each rule: rows that make it fire, and rows of the same kind that do not. Given for one minute.</summary>
    public static TheoryData<string, Row[], Row[]> Rules() => new()
    {
        { "order-failures", [Accept("not_taken", 2), Accept("accepted", 30)], [Accept("accepted", 30), Accept("sold_out", 30)] },
        { "reservation-failures", [new("order_batch_failed", 2, new { sql_state = "40001" }), Accept("accepted", 30)], [Accept("accepted", 30), Accept("sold_out", 30)] },
        { "deadlocks", [new("deadlocks", 1)], [] },
        { "service-errors", [new("service_call", 200, new { failed = 3 })], [new("service_call", 200, new { failed = 1 })] },
        { "order-slow", [Requests(20, ms: 6000, route: "/checkout", method: "POST")], [Requests(20, ms: 2000, route: "/checkout", method: "POST")] },
        { "listing-slow", [Requests(100, ms: 1500, route: "/products/")], [Requests(100, ms: 20, route: "/products/")] },
        { "cache-hits", [new("read_model", 70, new { hits = 70, total = 100 })], [new("read_model", 95, new { hits = 95, total = 100 })] },
        { "pool-full", [new("pool_in_use", 19, new { max = 20, node = "a" }), new("pool_in_use", 1, new { max = 20, node = "b" })], [new("pool_in_use", 3, new { max = 20, node = "a" })] },
        { "error-rate", [Requests(200, errors4: 8, errors5: 3)], [Requests(200, errors4: 5, errors5: 1)] },
        { "payment-success", [Payment("unknown"), .. Many(Payment("paid"), 12)], [Payment("declined"), .. Many(Payment("paid"), 12)] },
        { "stock-conflicts", [new("stock_conflicts", 1, new { source = "intake" })], [] },
        { "circuit-open", [Circuit(2)], [Circuit(2), Circuit(0)] },
        { "server-errors", [Requests(100, errors5: 8)], [Requests(100, errors5: 2)] },
        { "memory", [Node(memory: 91, free: 60)], [Node(memory: 40, free: 60)] },
        { "disk-full", [Node(memory: 40, free: 4)], [Node(memory: 40, free: 60)] },
        { "accept-slow", [Accept("accepted", 200, ms: 90)], [Accept("accepted", 200, ms: 9)] },
        { "queue-lag", [new("queue_depth", 250, new { oldest_s = 40 })], [new("queue_depth", 20, new { oldest_s = 1 })] },
        { "reconciliation", [new("reconcile_differences", 3, new { critical = 2 })], [new("reconcile_differences", 1, new { critical = 0 })] },
        { "slow", [Requests(100, ms: 1800)], [Requests(100, ms: 80)] },
        { "very-slow", [Requests(100, ms: 4000)], [Requests(100, ms: 200)] },
        { "forged-calls", [new("forged_unsafe_accepted", 1)], [new("forged_unsafe_accepted", 0)] },
        { "sign-in-failures", [new("sign_in_failed", 60, new { reason = "password" })], [new("sign_in_failed", 4, new { reason = "password" })] },
    };

    [Fact]
    public void Every_rule_is_driven_by_a_test()
    {
        string[] elsewhere = ["dead-letters", "scenario-failed"];
        Assert.Equal(AlertRules.All.Select(r => r.Name).Order(), Rules().Select(row => row.Data.Item1).Concat(elsewhere).Order());
    }

    [Theory, MemberData(nameof(Rules))]
    public async Task A_rule_fires_when_its_promise_is_broken_and_resolves_when_it_holds_again(string rule, Row[] broken, Row[] kept)
    {
        await PassAsync(minutes: 1, kept);
        Assert.Equal(AlertState.Quiet, (await FindAsync(rule)).State);
        _clock.Advance(TimeSpan.FromMinutes(20));   // no window reaches back to it

        var wait = AlertRules.Find(rule)!.For;
        await PassAsync(minutes: 1, broken);
        Assert.Equal(wait > TimeSpan.Zero ? AlertState.Pending : AlertState.Firing, (await FindAsync(rule)).State);
        await PassAsync(minutes: (int)wait.TotalMinutes, broken);
        Assert.Equal(AlertState.Firing, (await FindAsync(rule)).State);
        Assert.Equal(1, await MailsAsync(rule));

        // What began to fire is told once, however long it goes on.
        await PassAsync(minutes: 1, broken);
        Assert.Equal(1, await MailsAsync(rule));

        _clock.Advance(TimeSpan.FromMinutes(16));   // the longest window has forgotten it
        await PassAsync(minutes: 5, kept);
        Assert.Equal(AlertState.Quiet, (await FindAsync(rule)).State);
        Assert.Equal(2, await MailsAsync(rule));
        Assert.Equal(["Fired", "Resolved"], await KindsAsync(rule));
    }

    [Fact]
    public async Task Dead_letters_fire_until_they_are_gone()
    {
        await _store.QueryAsync<int>("INSERT INTO outbox (kind, key, status, created_at, due_at, tries) VALUES ('notify', 'x', 'Dead', now(), now(), 9) RETURNING 1");
        await EvaluateAsync();
        Assert.Equal(AlertState.Firing, (await FindAsync("dead-letters")).State);
        await _store.QueryAsync<string>("DELETE FROM outbox WHERE status = 'Dead' RETURNING key");
        await EvaluateAsync();
        _clock.Advance(TimeSpan.FromMinutes(4));
        await EvaluateAsync();
        Assert.Equal(AlertState.Quiet, (await FindAsync("dead-letters")).State);
    }

    [Fact]
    public async Task A_scenario_that_fails_is_told_until_it_holds_again()
    {
        await KeepAsync(VerdictStatus.Fail);
        await EvaluateAsync();
        Assert.Equal(AlertState.Firing, (await FindAsync("scenario-failed")).State);
        Assert.Equal(1, await MailsAsync("scenario-failed"));
        await KeepAsync(VerdictStatus.Pass);
        await EvaluateAsync();
        _clock.Advance(TimeSpan.FromMinutes(4));
        await EvaluateAsync();
        Assert.Equal(["Fired", "Resolved"], await KindsAsync("scenario-failed"));

        Task KeepAsync(VerdictStatus status) => _store.Services.GetRequiredService<VerdictStore>().KeepAsync(
            [new("A2", "Payment", status, [new() { Measure = "m", Status = status, Demand = "< 100 ms", Says = "150 ms" }], "v1", _clock.GetUtcNow())], CancellationToken.None);
    }

    [Fact]
    public async Task What_wavers_about_its_threshold_does_not_come_and_go()
    {
        await PassAsync(1, new Row("stock_conflicts", 1));
        _clock.Advance(TimeSpan.FromMinutes(16));
        await EvaluateAsync();   // right again, but only just now
        Assert.Equal(AlertState.Firing, (await FindAsync("stock-conflicts")).State);
        await PassAsync(1, new Row("stock_conflicts", 1));
        _clock.Advance(TimeSpan.FromMinutes(4));
        await EvaluateAsync();
        Assert.Equal(AlertState.Firing, (await FindAsync("stock-conflicts")).State);
        Assert.Equal(["Fired"], await KindsAsync("stock-conflicts"));
    }

    [Fact]
    public async Task A_silenced_alert_tells_nobody_and_a_threshold_is_an_admins_to_set()
    {
        await using (var scope = _store.Services.CreateAsyncScope())
        {
            var service = scope.ServiceProvider.GetRequiredService<AlertService>();
            Assert.Null((await service.SilenceAsync("stock-conflicts", 60, "ada", CancellationToken.None)).Error);
            Assert.Null((await service.SetThresholdAsync("queue-lag", 1000, "ada", CancellationToken.None)).Error);
            Assert.Equal("not_firing", (await service.AcknowledgeAsync("queue-lag", "ada", CancellationToken.None)).Error!.Code);
        }
        await PassAsync(1, new Row("stock_conflicts", 1));
        await PassAsync(4, new Row("queue_depth", 250, new { oldest_s = 40 }));
        Assert.Equal(AlertState.Firing, (await FindAsync("stock-conflicts")).State);
        Assert.Equal(AlertState.Quiet, (await FindAsync("queue-lag")).State);
        Assert.Equal(0, await MailsAsync("stock-conflicts") + await MailsAsync("queue-lag"));
        Assert.Equal(["ThresholdSet"], await KindsAsync("queue-lag"));
    }

    internal static Row Accept(string outcome, int count, double ms = 5) =>
        new("order_accept_ms", ms, new { outcome, count, buckets = new Dictionary<int, int> { [LatencyHistogram.IndexOf(TimeSpan.FromMilliseconds(ms))] = count } });

    private static Row Requests(int count, int errors4 = 0, int errors5 = 0, double ms = 10, string route = "/products/{slug}", string method = "GET") => new("http_requests", count, new
    {
        route,
        method,
        errors_4xx = errors4,
        errors_5xx = errors5,
        total_ms = count * ms,
        buckets = new Dictionary<int, int> { [LatencyHistogram.IndexOf(TimeSpan.FromMilliseconds(ms))] = count },
    });

    private static Row Payment(string outcome) => new("payment_attempt", 50, new { outcome });

    private static Row Circuit(int state) => new("circuit_breaker_state", state, new { node = "web-1:9" });

    private static Row Node(int memory, int free) => new("node_seen", 60, new { node = "a", memory_percent = memory, disk_free_percent = free });

    private static IEnumerable<Row> Many(Row fact, int times) => Enumerable.Repeat(fact, times);

    // A minute at a time: the facts, then the worker's look.
    private async Task PassAsync(int minutes, params Row[] facts)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            var at = _clock.GetUtcNow().AddSeconds(1);
            await WriteAsync(facts.Select((fact, i) => (fact, at.AddMilliseconds(i))));
            _clock.Advance(TimeSpan.FromSeconds(5));
            await EvaluateAsync();
            _clock.Advance(TimeSpan.FromSeconds(55));
        }
    }

    private async Task WriteAsync(IEnumerable<(Row Fact, DateTimeOffset At)> facts)
    {
        var source = _store.Services.GetRequiredService<NpgsqlDataSource>();
        foreach (var (fact, at) in facts)
        {
            var day = at.UtcDateTime.Date;
            await using var partition = source.CreateCommand($"CREATE TABLE IF NOT EXISTS metric_{day:yyyyMMdd} PARTITION OF metric FOR VALUES FROM ('{day:yyyy-MM-dd} 00:00+00') TO ('{day.AddDays(1):yyyy-MM-dd} 00:00+00')");
            await partition.ExecuteNonQueryAsync();
            await using var insert = source.CreateCommand("INSERT INTO metric (type, value, metadata, timestamp) VALUES ($1, $2, $3::jsonb, $4)");
            insert.Parameters.AddRange(new NpgsqlParameter[] { new() { Value = fact.Type }, new() { Value = fact.Value }, new() { Value = fact.Metadata }, new() { Value = at } });
            await insert.ExecuteNonQueryAsync();
        }
    }

    private async Task EvaluateAsync()
    {
        await using var scope = _store.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<EvaluateAlerts>().RunAsync(new NoArgs(), CancellationToken.None);
    }

    private async Task<Alert> FindAsync(string rule)
    {
        await using var scope = _store.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RetailDbContext>().Alerts.AsNoTracking().SingleAsync(a => a.Rule == rule);
    }

    private async Task<List<string>> KindsAsync(string rule)
    {
        await using var scope = _store.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RetailDbContext>().AlertEvents.Where(e => e.Rule == rule).OrderBy(e => e.Id).Select(e => e.Kind.ToString()).ToListAsync();
    }

    // Two addresses, one promise: counted by promise.
    private async Task<int> MailsAsync(string rule)
    {
        await using var scope = _store.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        var keys = await db.AlertEvents.Where(e => e.Rule == rule).Select(e => "alert:" + e.Id).ToListAsync();
        var promised = await db.Outbox.CountAsync(m => m.Kind == Notify.Kind && keys.Contains(m.Key));
        Assert.Equal(promised * 2, await db.Notifications.CountAsync(n => keys.Contains(n.Key)));
        return promised;
    }

    /// <summary>A metric row to be.</summary>
    public sealed record Row(string Type, double Value, string Metadata = "{}")
    {
        public Row(string type, double value, object metadata) : this(type, value, JsonSerializer.Serialize(metadata)) { }
    }
}
