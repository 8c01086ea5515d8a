using Quartz;
using Retail.Core.Jobs.Runs;

namespace Retail.Core.Jobs.Quartz;

/// <summary>The only job that Quartz knows: it tells the runner whose turn it is. A try that fails is not Quartz's affair.</summary>
internal sealed class QuartzDispatch(JobRunner runner) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        if (context.JobDetail.Key.Group == QuartzEngine.Recurring) await runner.RunRecurringAsync(context.JobDetail.Key.Name, context.ScheduledFireTimeUtc ?? context.FireTimeUtc);
        else await runner.RunAsync(Guid.Parse((string)context.MergedJobDataMap[QuartzEngine.RunId]!));
    }
}
