using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Data.Jobs;
using Retail.Core.Data.Outbox;
using Retail.Core.Partners.Pull;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Pipeline;

/// <summary>Does a partner's runs.</summary>
public sealed class RunFeedsJob(FeedRunner runner) : IJob<AboutPartner>
{
    /// <summary>Its name.</summary>
    public const string Name = "run-feeds";

    /// <inheritdoc/>
    public Task RunAsync(AboutPartner args, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(args);
        return runner.RunAsync(args.PartnerId, ct);
    }
}

/// <summary>Keeps the promise that a feed which was taken in, or confirmed, is worked on.</summary>
internal sealed class FeedRunHandler(IServiceProvider services) : IOutboxHandler
{
    public string Kind => FeedRunService.OutboxKind;

    public async Task HandleAsync(string key, CancellationToken ct)
    {
        var about = new AboutPartner(Guid.Parse(key));
        if (services.GetService<IJobQueue>() is { } queue) await queue.EnqueueAsync(RunFeedsJob.Name, key, about, ct);
        else await services.GetRequiredService<RunFeedsJob>().RunAsync(about, ct);
    }
}
