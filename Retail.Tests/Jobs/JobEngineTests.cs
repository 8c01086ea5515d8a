using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common.Logs;
using Retail.Core.Data.Jobs;
using Retail.Core.Jobs;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Jobs;

/// <summary>What the job engine promises to whoever writes a job.</summary>
public sealed class JobEngineTests(TestDatabase database)
{
    private readonly Diary _diary = new();

    [Fact]
    public async Task A_process_that_runs_no_jobs_asks_for_one_and_a_worker_runs_it_with_the_request_that_asked()
    {
        await using var web = await CoreHost.StartWithAsync(database, Workshop.With(_diary, worker: false));
        await using var worker = await web.StartTwinWithAsync(Workshop.With(_diary), Workshop.Settings);
        RequestScope.RequestId = "a-request";
        await web.AskAsync("1", "hello of {request}");
        await _diary.UntilAsync(1);
        await web.UntilSqlAsync("status = 'Done' FROM job_runs WHERE job = 'errand'");
        Assert.Equal(["hello of a-request"], _diary.Lines);
        Assert.Equal("a-request 1", await web.QueryAsync<string>("SELECT request_id || ' ' || tries FROM job_runs WHERE job = 'errand'"));
    }

    [Fact]
    public async Task Asked_for_again_while_it_waits_or_runs_it_runs_once_and_afterwards_again()
    {
        var open = new TaskCompletionSource();
        _diary.Do = (_, _) => open.Task;
        await using var worker = await Workshop.StartAsync(database, _diary);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => worker.AskAsync("same", "word")));
        await _diary.UntilAsync(1);
        await worker.AskAsync("same", "word");
        Assert.Equal(1, await worker.QueryAsync<long>("SELECT count(*) FROM job_runs WHERE job = 'errand'"));
        open.SetResult();
        await worker.UntilSqlAsync("status = 'Done' FROM job_runs WHERE job = 'errand'");
        await worker.AskAsync("same", "again");
        await _diary.UntilAsync(2);
        Assert.Equal(["word", "again"], _diary.Lines);
    }

    [Fact]
    public async Task What_fails_is_tried_again_and_after_its_last_try_it_is_dead_with_the_reason()
    {
        _diary.Do = (word, _) => word == "never" || _diary.Lines.Count(l => l == word) < 3 ? throw new InvalidOperationException($"No {word}.") : Task.CompletedTask;
        await using var worker = await Workshop.StartAsync(database, _diary);
        await worker.AskAsync("1", "third time");
        await worker.AskAsync("2", "never");
        await worker.UntilSqlAsync("count(*) = 2 FROM job_runs WHERE job = 'errand' AND status IN ('Done', 'Dead')");
        Assert.Equal("Done after 3", await worker.QueryAsync<string>("SELECT status || ' after ' || tries FROM job_runs WHERE job = 'errand' AND key = '1'"));
        Assert.Equal("Dead after 3: No never.", await worker.QueryAsync<string>("SELECT status || ' after ' || tries || ': ' || error FROM job_runs WHERE key = '2'"));
    }

    [Fact]
    public async Task What_takes_longer_than_its_limit_is_broken_off_and_tried_again()
    {
        _diary.Do = (_, ct) => _diary.Lines.Count == 1 ? Task.Delay(Timeout.Infinite, ct) : Task.CompletedTask;
        await using var worker = await Workshop.StartAsync(database, _diary, ErrandJob.Definition with { TimeLimit = TimeSpan.FromMilliseconds(300) });
        await worker.AskAsync("1", "slow");
        await worker.UntilSqlAsync("status = 'Done' AND tries = 2 FROM job_runs WHERE job = 'errand'");
        await worker.StopAsync();   // writes the last metric rows
        await using var reader = await worker.StartTwinAsync();
        Assert.Equal("timed-out, ok", await reader.QueryAsync<string>("SELECT string_agg(metadata ->> 'outcome', ', ' ORDER BY id) FROM metric WHERE type = 'job_run' AND metadata ->> 'job' = 'errand'"));
    }

    [Fact]
    public async Task A_flood_of_one_kind_takes_no_more_than_its_share_and_holds_up_no_other()
    {
        var open = new TaskCompletionSource();
        _diary.Do = (word, _) => word == "tick" ? Task.CompletedTask : open.Task;
        await using var worker = await CoreHost.StartWithAsync(database, Workshop.With(_diary, ticks: true), [.. Workshop.Settings, ("Jobs:AtOnce", "4")]);
        for (var i = 0; i < 12; i++) await worker.AskAsync($"{i}", "flood");
        await Workshop.UntilAsync(() => Task.FromResult(_diary.Lines.Count(l => l == "tick") >= 3 && _diary.Lines.Contains("flood")), () => string.Join(' ', _diary.Lines));
        Assert.Equal(2, _diary.Lines.Count(l => l == "flood"));
        open.SetResult();
        await worker.UntilSqlAsync("count(*) = 12 FROM job_runs WHERE job = 'errand' AND status = 'Done'");
    }

    [Fact]
    public async Task Two_workers_run_each_turn_of_a_recurring_job_once_and_never_two_at_a_time()
    {
        await using var first = await CoreHost.StartWithAsync(database, Workshop.With(_diary, ticks: true), Workshop.Settings);
        await using var second = await first.StartTwinWithAsync(Workshop.With(_diary, ticks: true), Workshop.Settings);
        await _diary.UntilAsync(6);
        Assert.Equal(1, _diary.Most);
        // No turn twice: each has one run at most.
        Assert.Equal(0, await first.QueryAsync<long>("SELECT count(*) FROM (SELECT 1 FROM job_runs WHERE job = 'tick' GROUP BY due_at HAVING count(*) > 1) twice"));
        Assert.Equal(2, await first.QueryAsync<long>("SELECT count(*) FROM workers"));
    }

    [Fact]
    public async Task A_worker_that_stops_hands_back_what_it_could_not_finish_and_another_goes_on_at_once()
    {
        _diary.Do = (_, ct) => _diary.Lines.Count == 1 ? Task.Delay(Timeout.Infinite, ct) : Task.CompletedTask;
        await using var web = await CoreHost.StartWithAsync(database, Workshop.With(_diary, worker: false));
        await using var first = await web.StartTwinWithAsync(Workshop.With(_diary), Workshop.Settings);
        await web.AskAsync("1", "long");
        await _diary.UntilAsync(1);
        await using var second = await web.StartTwinWithAsync(Workshop.With(_diary), Workshop.Settings);
        await first.StopAsync();
        await web.UntilSqlAsync("status = 'Done' FROM job_runs WHERE job = 'errand'");
        // That was no failed try.
        Assert.Equal(1, await web.QueryAsync<int>("SELECT tries FROM job_runs WHERE job = 'errand'"));
        Assert.Equal(1, await web.QueryAsync<long>("SELECT count(*) FROM workers"));
    }

    [Fact]
    public async Task What_was_asked_for_by_a_process_that_died_before_the_engine_knew_is_found()
    {
        await using var worker = await Workshop.StartAsync(database, _diary);
        await worker.QueryAsync<int>("""
            WITH lost AS (INSERT INTO job_runs (id, job, key, args, status, tries, asked_at, due_at)
            VALUES (gen_random_uuid(), 'errand', 'lost', '{"Word":"found"}', 'Waiting', 0, now() - interval '2 minutes', now() - interval '2 minutes') RETURNING 1) SELECT 1 FROM lost
            """);
        await _diary.UntilAsync(1);
        Assert.Equal(["found"], _diary.Lines);
    }

    [Fact]
    public async Task The_schedule_says_when_each_recurring_job_is_due_next()
    {
        await using var worker = await CoreHost.StartWithAsync(database, Workshop.With(_diary, ticks: true), Workshop.Settings);
        await _diary.UntilAsync(1);
        var next = await worker.Services.GetRequiredService<IJobEngine>().NextAsync(TestContext.Current.CancellationToken);
        var recurring = worker.Services.GetServices<RegisteredJob>().Where(job => job.Definition.Cron is not null).Select(job => job.Definition.Name);
        Assert.Equal(recurring.Order(), next.Keys.Order());
        Assert.InRange(next["tick"] - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(2));
    }
}
