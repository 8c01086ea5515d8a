using System.Diagnostics.CodeAnalysis;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Jobs.Runs;

/// <summary>All jobs of this release, by name.</summary>
public sealed class JobRegistry
{
    private readonly Dictionary<string, RegisteredJob> _jobs = new(StringComparer.Ordinal);

    /// <summary>Takes what the capabilities registered; two of one name are refused.</summary>
    public JobRegistry(IEnumerable<RegisteredJob> jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        foreach (var job in jobs)
            if (!_jobs.TryAdd(job.Definition.Name, job)) throw new InvalidOperationException($"Two jobs are called {job.Definition.Name}.");
    }

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<RegisteredJob> All => _jobs.Values;

    /// <summary>The job of that name; false when this release has none.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out RegisteredJob? job) => _jobs.TryGetValue(name, out job);
}
