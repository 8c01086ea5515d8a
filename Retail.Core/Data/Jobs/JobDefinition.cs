using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Retail.Core.Data.Jobs;

/// <summary>Who goes first when more jobs are due than a worker has room for.</summary>
public enum JobPriority
{
    /// <summary>Long work that can wait, such as a feed.</summary>
    Low,

    /// <summary>Everything else.</summary>
    Normal,

    /// <summary>Money and what shoppers wait for.</summary>
    High,
}

/// <summary>How a job is run.</summary>
/// <param name="Name">Stable, in kebab-case: it stands in the database.</param>
public sealed record JobDefinition(string Name)
{
    /// <summary>What an admin reads: one sentence.</summary>
    public required string Purpose { get; init; }

    /// <summary>When it recurs, as a cron expression with seconds ("0/30 * * * * ?"), days of the week by name (MON); null when it only runs when asked for.</summary>
    public string? Cron { get; init; }

    /// <summary>In which time zone the expression is meant (IANA).</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>How often it is tried before it counts as failed.</summary>
    public int MaxTries { get; init; } = 3;

    /// <summary>The pause before the second try; doubles from try to try, with jitter.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A run that takes longer is cancelled and counts as a failed try.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many runs of this job one worker does at once; a recurring job runs once in all workers together.</summary>
    public int AtOnce { get; init; } = 1;

    /// <summary>Who goes first.</summary>
    public JobPriority Priority { get; init; } = JobPriority.Normal;
}

/// <summary>A job as the engine sees it: JSON in, work done.</summary>
/// <param name="Definition">How it is run.</param>
/// <param name="RunAsync">Makes the job in the scope that is given, and runs it.</param>
public sealed record RegisteredJob(JobDefinition Definition, Func<IServiceProvider, string, CancellationToken, Task> RunAsync);

/// <summary>Registers jobs.</summary>
public static class JobRegistration
{
    /// <summary>Adds a job of a capability; the worker finds it by the definition's name.</summary>
    public static IServiceCollection AddJob<TJob, TArgs>(this IServiceCollection services, JobDefinition definition) where TJob : class, IJob<TArgs> => services
        .AddScoped<TJob>()
        .AddSingleton(new RegisteredJob(definition, (scope, args, ct) =>
            scope.GetRequiredService<TJob>().RunAsync(JsonSerializer.Deserialize<TArgs>(args) ?? throw new InvalidOperationException($"{definition.Name} has no arguments."), ct)));
}
