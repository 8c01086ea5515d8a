using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quartz;
using Quartz.Extensibility;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Jobs.Quartz;

/// <summary>
/// Quartz behind the seam. Each job has two durable jobs there, of explicit keys: one for its turns by the clock and one for the
/// runs that were asked for, whose triggers are named by run and time.
/// </summary>
internal sealed class QuartzEngine(ISchedulerFactory factory, IServiceProvider services, NpgsqlDataSource database, ILogger<QuartzEngine> logger) : IJobEngine, IAsyncDisposable
{
    internal const string Recurring = "recurring", Asked = "asked", RunId = "run";

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private IScheduler? _scheduler;

    public string Name => "Quartz";

    public async Task StartAsync(IReadOnlyCollection<RegisteredJob> jobs, CancellationToken ct)
    {
        var scheduler = await SchedulerAsync(ct);
        var limits = ExecutionLimitsBuilder.Create();
        foreach (var job in jobs) limits.ForGroup(job.Definition.Name, job.Definition.AtOnce);
        await scheduler.SetExecutionLimits(limits.Build(), ct);
        var recurring = jobs.Select(job => job.Definition).Where(job => job.Cron is not null).ToList();
        foreach (var job in recurring) await RecurAsync(scheduler, job, ct);
        await ForgetOthersAsync(scheduler, recurring, ct);
        await AnalyzeAsync(ct);
        await scheduler.Start(ct);
    }

    public async Task StandByAsync(CancellationToken ct)
    {
        if (_scheduler is { } scheduler) await scheduler.Standby(ct);
    }

    public async Task WakeAsync(CancellationToken ct) => await services.GetRequiredService<ISchedulerSignaler>().SignalSchedulingChange(null, ct);

    public async Task ScheduleAsync(ScheduledRun run, CancellationToken ct)
    {
        var scheduler = await SchedulerAsync(ct);
        var key = new JobKey(run.Job.Name, Asked);
        // Once a process: a job that is there is left as it is.
        if (!_known.Contains(run.Job.Name))
        {
            await scheduler.AddJob(Detail(key, run.Job), AddJobOptions.Replacing, ct);
            lock (_known) _known.Add(run.Job.Name);
        }
        var trigger = Trigger(new TriggerKey(string.Create(CultureInfo.InvariantCulture, $"{run.Id}-{run.DueAt.ToUnixTimeMilliseconds()}"), Asked), run.Job)
            .ForJob(key)
            .UsingJobData(RunId, run.Id.ToString())
            .StartAt(run.DueAt)
            // However late a worker comes, it is to be run.
            .WithSchedule(SimpleScheduleBuilder.Create().WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires))
            .Build();
        await scheduler.ScheduleTrigger(trigger, TriggerConflict.Keep, ct);
    }

    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> NextAsync(CancellationToken ct)
    {
        var scheduler = await SchedulerAsync(ct);
        var triggers = await scheduler.QueryTriggers(new TriggerQuery { Group = GroupMatcher<TriggerKey>.GroupEquals(Recurring) }, ct);
        return triggers.Items.Where(t => t.NextFireTimeUtc is not null).ToDictionary(t => t.Key.Name, t => t.NextFireTimeUtc!.Value);
    }

    public async ValueTask DisposeAsync()
    {
        if (_scheduler is { } scheduler && scheduler.Status is not SchedulerStatus.Shutdown) await scheduler.Shutdown(waitForJobsToComplete: false);
        _one.Dispose();
    }

    // Made when it is first needed: most commands never ask for a job.
    private async Task<IScheduler> SchedulerAsync(CancellationToken ct)
    {
        if (_scheduler is not null) return _scheduler;
        await _one.WaitAsync(ct);
        try
        {
            return _scheduler ??= await factory.GetScheduler(ct);
        }
        finally
        {
            _one.Release();
        }
    }

    private static async Task RecurAsync(IScheduler scheduler, JobDefinition job, CancellationToken ct)
    {
        var (jobKey, triggerKey) = (new JobKey(job.Name, Recurring), new TriggerKey(job.Name, Recurring));
        var trigger = Trigger(triggerKey, job)
            .ForJob(jobKey)
            // Turns that were missed while no worker lived are made up for by one.
            .WithSchedule(CronScheduleBuilder.Create(job.Cron!).InTimeZone(TimeZoneInfo.FindSystemTimeZoneById(job.TimeZone)).WithMisfireInstruction(CronTriggerMisfireInstruction.FireAndProceed))
            .Build();
        await scheduler.AddJob(Detail(jobKey, job), AddJobOptions.Replacing, ct);
        // One that is there as it should be keeps its next turn: a worker that starts must not put it off.
        if (await scheduler.GetTrigger(triggerKey, ct) is ICronTrigger there && there.CronExpressionString == job.Cron && there.TimeZone.Id == job.TimeZone) return;
        await scheduler.ScheduleTrigger(trigger, TriggerConflict.Replace, ct);
    }

    private async Task ForgetOthersAsync(IScheduler scheduler, List<JobDefinition> recurring, CancellationToken ct)
    {
        var triggers = await scheduler.QueryTriggers(new TriggerQuery { Group = GroupMatcher<TriggerKey>.GroupEquals(Recurring) }, ct);
        foreach (var key in triggers.Items.Select(t => t.JobKey).Where(key => recurring.All(job => job.Name != key.Name)))
        {
            logger.JobForgotten(key.Name);
            await scheduler.DeleteJob(key, ct);
        }
    }

    // Statistics from the time when the table was empty make it slow.
    private async Task AnalyzeAsync(CancellationToken ct)
    {
        await using var analyze = database.CreateCommand("ANALYZE jobs.qrtz_triggers");
        await analyze.ExecuteNonQueryAsync(ct);
    }

    private static IJobDetail Detail(JobKey key, JobDefinition job) =>
        JobBuilder.Create<QuartzDispatch>().WithIdentity(key).WithDescription(job.Purpose).StoreDurably(true).RequestRecovery(true).Build();

    private static TriggerBuilder<IJob> Trigger(TriggerKey key, JobDefinition job) =>
        TriggerBuilder.Create(TimeProvider.System).WithIdentity(key).WithExecutionGroup(job.Name).WithPriority((int)job.Priority * 5);
}
