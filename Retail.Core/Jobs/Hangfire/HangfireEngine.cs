using Hangfire;
using Hangfire.Common;
using Hangfire.Logging;
using Hangfire.States;
using Hangfire.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Retail.Core.Data.Jobs;
using HangfireJob = Hangfire.Common.Job;

namespace Retail.Core.Jobs.Hangfire;

/// <summary>
/// Hangfire behind the seam. Recurring jobs and jobs of high priority share one server; each of the others has a queue and a server
/// of its own with as many workers as the job may have runs at once, so that a flood of one kind holds up no other.
/// </summary>
internal sealed class HangfireEngine(JobStorage storage, IServiceScopeFactory scopes, IOptions<JobsOptions> options, TimeProvider clock, ILoggerFactory loggers)
    : IJobEngine, IDisposable
{
    private const string Shared = "default";

    private readonly List<BackgroundJobServer> _servers = [];
    private readonly RecurringJobManager _recurring = new(storage);
    private readonly BackgroundJobClient _client = new(storage);

    private readonly ILogger _logger = loggers.CreateLogger<HangfireEngine>();

    public string Name => "Hangfire";

    public Task StartAsync(IReadOnlyCollection<RegisteredJob> jobs, CancellationToken ct)
    {
        LogProvider.SetCurrentLogProvider(new HangfireLog(loggers));
        var definitions = jobs.Select(job => job.Definition).ToList();
        foreach (var job in definitions.Where(job => job.Cron is not null))
        {
            _recurring.AddOrUpdate<HangfireDispatch>(job.Name, Shared, dispatch => dispatch.RecurAsync(job.Name), job.Cron!, new RecurringJobOptions
            {
                TimeZone = TimeZoneInfo.FindSystemTimeZoneById(job.TimeZone),
                // Turns that were missed while no worker lived are made up for by one.
                MisfireHandling = MisfireHandlingMode.Relaxed,
            });
        }
        using (var connection = storage.GetConnection())
            foreach (var other in connection.GetRecurringJobs().Where(there => definitions.All(job => job.Name != there.Id || job.Cron is null)))
            {
                _logger.JobForgotten(other.Id);
                _recurring.RemoveIfExists(other.Id);
            }
        Serve([Shared], options.Value.AtOnce);
        foreach (var job in definitions.Where(job => QueueOf(job) != Shared)) Serve([QueueOf(job)], job.AtOnce);
        return Task.CompletedTask;
    }

    public Task StandByAsync(CancellationToken ct)
    {
        foreach (var server in _servers) server.SendStop();
        return Task.CompletedTask;
    }

    // Hangfire listens to its own notices.
    public Task WakeAsync(CancellationToken ct) => Task.CompletedTask;

    public Task ScheduleAsync(ScheduledRun run, CancellationToken ct)
    {
        var (queue, id) = (QueueOf(run.Job), run.Id);
        var job = HangfireJob.FromExpression<HangfireDispatch>(dispatch => dispatch.RunAsync(id), queue);
        // Told of twice, it is begun twice; the second one finds that the run is taken.
        IState state = run.DueAt <= clock.GetUtcNow() ? new EnqueuedState(queue) : new ScheduledState(run.DueAt.UtcDateTime);
        _client.Create(job, state);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyDictionary<string, DateTimeOffset>> NextAsync(CancellationToken ct)
    {
        using var connection = storage.GetConnection();
        return Task.FromResult<IReadOnlyDictionary<string, DateTimeOffset>>(connection.GetRecurringJobs()
            .Where(job => job.NextExecution is not null)
            .ToDictionary(job => job.Id, job => new DateTimeOffset(DateTime.SpecifyKind(job.NextExecution!.Value, DateTimeKind.Utc))));
    }

    public void Dispose()
    {
        foreach (var server in _servers) server.Dispose();
    }

    private static string QueueOf(JobDefinition job) => job.Cron is not null || job.Priority == JobPriority.High ? Shared : job.Name;

    private void Serve(string[] queues, int workers) => _servers.Add(new BackgroundJobServer(new BackgroundJobServerOptions
    {
        Queues = queues,
        WorkerCount = workers,
        Activator = new ScopedActivator(scopes),
        SchedulePollingInterval = TimeSpan.FromSeconds(1),
        HeartbeatInterval = TimeSpan.FromSeconds(5),
        ServerCheckInterval = TimeSpan.FromSeconds(10),
        ServerTimeout = TimeSpan.FromSeconds(30),
        // The runner has let its jobs come to their end before.
        ShutdownTimeout = TimeSpan.FromSeconds(5),
    }, storage));
}
