using Hangfire;
using Retail.Core.Jobs.Runs;

namespace Retail.Core.Jobs.Hangfire;

/// <summary>The only class that Hangfire calls: it tells the runner whose turn it is. A try that fails is not Hangfire's affair.</summary>
[AutomaticRetry(Attempts = 3, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class HangfireDispatch(JobRunner runner, TimeProvider clock)
{
    /// <summary>A run that was asked for is due.</summary>
    public Task RunAsync(Guid id) => runner.RunAsync(id);

    /// <summary>A recurring job's turn has come.</summary>
    public Task RecurAsync(string job) => runner.RunRecurringAsync(job, clock.GetUtcNow());
}
