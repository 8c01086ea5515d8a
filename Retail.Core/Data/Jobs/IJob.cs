namespace Retail.Core.Data.Jobs;

/// <summary>
/// Work that a worker does by the clock or when asked. It may run twice for the same arguments, after a crash or a time-out: it must
/// then do nothing the second time. Job classes stand in their capability; no job knows which engine runs it.
/// </summary>
/// <typeparam name="TArgs">What it is told; small, since it is kept as JSON. <see cref="NoArgs"/> when nothing.</typeparam>
public interface IJob<in TArgs>
{
    /// <summary>Does it. Throws when it could not be done: it is then tried again as its <see cref="JobDefinition"/> says.</summary>
    Task RunAsync(TArgs args, CancellationToken ct);
}

/// <summary>A job that needs to be told nothing.</summary>
public sealed record NoArgs;

/// <summary>Asks for jobs, from any process.</summary>
public interface IJobQueue
{
    /// <summary>Asks a worker to run a job soon. While a job of this name and key waits or runs, asking again does nothing.</summary>
    /// <param name="job">Its <see cref="JobDefinition.Name"/>.</param>
    /// <param name="key">What it is about, such as a feed run's id.</param>
    /// <param name="args">What it is told.</param>
    /// <param name="ct">Ends the asking, not the job.</param>
    Task EnqueueAsync<TArgs>(string job, string key, TArgs args, CancellationToken ct);
}
