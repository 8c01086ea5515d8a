using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Common.Logs;
using Retail.Core.Jobs.Board;
using Retail.Core.Metrics;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Jobs;

/// <summary>What is promised is kept: in order for each key, again when it fails, and by somebody else when a worker dies.</summary>
public sealed class OutboxTests(TestDatabase database)
{
    private readonly Diary _diary = new();

    [Fact]
    public async Task Promises_of_one_key_are_kept_in_their_order_even_when_the_first_fails_and_hold_up_no_other_key()
    {
        _diary.Do = (key, _) => key == "a1" && _diary.Lines.Count(l => l == "a1") < 2 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
        await using var web = await CoreHost.StartWithAsync(database, Workshop.With(_diary, worker: false));
        await web.PromiseAsync("favour", [("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("free", null)]);
        await using var first = await web.StartTwinWithAsync(Workshop.With(_diary), Workshop.Settings);
        await using var second = await web.StartTwinWithAsync(Workshop.With(_diary), Workshop.Settings);
        await web.UntilSqlAsync("count(*) = 5 FROM outbox WHERE status = 'Done'");
        Assert.Equal(["a1", "a1", "a2", "a3"], _diary.Lines.Where(l => l[0] == 'a'));
        Assert.Equal(["b1", "free"], _diary.Lines.Where(l => l[0] != 'a').Order());
        // The others went on while the first one of its key waited for its second try.
        Assert.True(_diary.Lines.ToList().IndexOf("b1") < _diary.Lines.ToList().LastIndexOf("a1"));
        Assert.Equal(2, await web.QueryAsync<int>("SELECT tries FROM outbox WHERE key = 'a1'"));
    }

    [Fact]
    public async Task Many_workers_keep_many_promises_once_each_and_no_more_at_a_time_than_the_kind_allows()
    {
        _diary.Do = (_, ct) => Task.Delay(1, ct);
        await using var web = await CoreHost.StartWithAsync(database, Workshop.With(_diary, worker: false));
        await web.PromiseAsync("favour", [.. Enumerable.Range(0, 1500).Select(i => ($"f{i}", i % 3 == 0 ? $"k{i % 50}" : null))]);
        await using var first = await web.StartTwinWithAsync(Workshop.With(_diary), Workshop.Settings);
        await using var second = await web.StartTwinWithAsync(Workshop.With(_diary), Workshop.Settings);
        await web.UntilSqlAsync("count(*) = 1500 FROM outbox WHERE status = 'Done'");
        Assert.Equal(1500, _diary.Lines.Distinct().Count());
        Assert.Equal(1500, _diary.Lines.Count);
        Assert.InRange(_diary.Most, 2, 8);
    }

    [Fact]
    public async Task A_slow_kind_holds_up_no_other()
    {
        var open = new TaskCompletionSource();
        _diary.Do = (key, _) => key.StartsWith('s') ? open.Task : Task.CompletedTask;
        await using var worker = await Workshop.StartAsync(database, _diary);
        await worker.PromiseAsync("favour", [.. Enumerable.Range(0, 100).Select(i => ($"s{i}", (string?)null))]);
        await _diary.UntilAsync(4);
        await worker.PromiseAsync("other-favour", ("quick", null));
        await worker.UntilSqlAsync("status = 'Done' FROM outbox WHERE key = 'quick'");
        Assert.Equal(4, _diary.Lines.Count(l => l.StartsWith('s')));
        open.SetResult();
        await worker.UntilSqlAsync("count(*) = 101 FROM outbox WHERE status = 'Done'");
    }

    [Fact]
    public async Task After_its_last_try_it_is_dead_and_an_admin_reads_requeues_or_discards_it()
    {
        _diary.Do = (_, _) => throw new InvalidOperationException("The shelf is empty.");
        await using var worker = await Workshop.StartAsync(database, _diary);
        RequestScope.RequestId = "a-request";
        await worker.PromiseAsync("favour", ("one", null), ("two", null));
        await worker.QueryAsync<int>("WITH soon AS (UPDATE outbox SET tries = 2 RETURNING 1) SELECT count(*)::int FROM soon");
        await worker.UntilSqlAsync("count(*) = 2 FROM outbox WHERE status = 'Dead'");
        var (board, decisions, ct) = (worker.Services.GetRequiredService<JobBoard>(), worker.Services.GetRequiredService<JobDecisions>(), TestContext.Current.CancellationToken);
        var dead = await board.ListAsync(WorkState.Dead, "one", 1, ct);
        var one = Assert.Single(dead.Items);
        Assert.Equal(("favour", 3, "The shelf is empty.", "a-request"), (one.Kind, one.Tries, one.Error, one.RequestId));
        Assert.NotNull(one.Duration(TimeProvider.System.GetUtcNow()));

        _diary.Do = (_, _) => Task.CompletedTask;
        Assert.True((await decisions.RequeueAsync(one.Id, "mara", ct)).Ok);
        Assert.Equal("work_not_dead", (await decisions.RequeueAsync(one.Id, "mara", ct)).Error?.Code);
        await worker.UntilSqlAsync("status = 'Done' AND decided_by = 'mara' FROM outbox WHERE key = 'one'");
        var two = Assert.Single((await board.ListAsync(WorkState.Dead, "", 1, ct)).Items);
        Assert.True((await decisions.DiscardAsync(two.Id, "ola", ct)).Ok);
        Assert.Equal(("ola", WorkState.Discarded), ((await board.FindAsync(two.Id, ct))!.DecidedBy, (await board.FindAsync(two.Id, ct))!.State));
        Assert.Equal(0, (await board.SumUpAsync(ct)).Dead);
    }

    [Fact]
    public async Task What_takes_longer_than_its_limit_is_broken_off_and_tried_again()
    {
        _diary.Do = (_, ct) => _diary.Lines.Count == 1 ? Task.Delay(Timeout.Infinite, ct) : Task.CompletedTask;
        await using var worker = await Workshop.StartAsync(database, _diary);
        await worker.PromiseAsync("slow-favour", ("slow", null));
        await worker.UntilSqlAsync("status = 'Done' AND tries = 2 FROM outbox WHERE key = 'slow'");
    }

    [Fact]
    public async Task What_a_dead_worker_had_goes_on_as_soon_as_its_death_is_noticed()
    {
        await using var web = await CoreHost.StartWithAsync(database, Workshop.With(_diary, worker: false));
        await web.PromiseAsync("favour", ("left behind", null));
        await web.QueryAsync<int>("""
            WITH dead AS (INSERT INTO workers (node, engine, started_at, seen_at) VALUES ('dead', 'Quartz', now() - interval '1 hour', now() - interval '12 seconds')),
            rows AS (UPDATE outbox SET leased_by = 'dead', leased_until = now() + interval '1 hour', tries = 1 WHERE kind = 'favour'),
            runs AS (INSERT INTO job_runs (id, job, key, args, status, tries, asked_at, due_at, started_at, node) VALUES (gen_random_uuid(), 'errand', 'e', '{"Word":"errand"}', 'Running', 1, now(), now(), now(), 'dead'))
            SELECT 1
            """);
        await using var worker = await web.StartTwinWithAsync(Workshop.With(_diary), Workshop.Settings);
        await _diary.UntilAsync(2);
        Assert.Equal(["errand", "left behind"], _diary.Lines.Order());
        await worker.StopAsync();   // writes the last metric rows
        Assert.Equal(1, await web.QueryAsync<long>($"SELECT count(*) FROM metric WHERE type = '{MetricTypes.WorkerResumeSeconds}' AND value BETWEEN 12 AND 60 AND metadata ->> 'outbox_rows' = '1' AND metadata ->> 'job_runs' = '1'"));
        Assert.Equal(2, await web.QueryAsync<long>($"SELECT count(DISTINCT metadata ->> 'kind') FROM metric WHERE type = '{MetricTypes.JobWaitSeconds}' AND metadata ->> 'kind' IN ('favour', 'errand')"));
        Assert.True(await web.QueryAsync<long>($"SELECT count(*) FROM metric WHERE type = '{MetricTypes.QueueDepth}'") > 0);
    }

    [Fact]
    public async Task A_promise_rings_the_bell_once_a_statement_and_only_when_it_is_due()
    {
        await using var web = await CoreHost.StartWithAsync(database, Workshop.With(_diary, worker: false));
        await using var connection = await web.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(TestContext.Current.CancellationToken);
        var heard = new List<string>();
        connection.Notification += (_, notice) => heard.Add(notice.Payload);
        await using (var listen = new NpgsqlCommand("LISTEN outbox", connection)) await listen.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await web.QueryAsync<int>("""
            WITH later AS (INSERT INTO outbox (kind, key, status, created_at, due_at, tries) VALUES ('later', '1', 'Waiting', now(), now() + interval '1 hour', 0) RETURNING 1) SELECT 1 FROM later
            """);
        await web.QueryAsync<int>("""
            WITH many AS (INSERT INTO outbox (kind, key, status, created_at, due_at, tries)
            SELECT CASE i % 2 WHEN 0 THEN 'favour' ELSE 'other-favour' END, i::text, 'Waiting', now(), now(), 0 FROM generate_series(1, 50) i RETURNING 1) SELECT count(*)::int FROM many
            """);
        await connection.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(["favour,other-favour"], heard);
    }
}
