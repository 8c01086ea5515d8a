using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common.Settings;
using Retail.Core.Data.Jobs;
using Retail.Core.Data.Outbox;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Formats;
using Retail.Core.Partners.Pipeline;
using Retail.Core.Partners.Pull;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners;

/// <summary>Whose goods the shop sells.</summary>
public static class PartnersModule
{
    /// <summary>Adds partners, their feeds and the formats of these.</summary>
    public static IServiceCollection AddPartners(this IServiceCollection services)
    {
        services.AddSettings<PartnersOptions>("Partners");
        FeedFormats.Register(services);
        return services
            .AddScoped<PartnerService>()
            .AddScoped<PartnerKeys>()
            .AddScoped<PartnerQueries>()
            .AddScoped<FeedRunService>()
            .AddScoped<FeedRunQueries>()
            .AddSingleton<FeedContents>()
            .AddSingleton<FeedClient>()
            .AddScoped<FeedPull>()
            .AddScoped<FeedApplication>()
            .AddScoped<FeedRunner>()
            .AddScoped<IOutboxHandler, FeedRunHandler>()
            .AddJob<RunFeedsJob, AboutPartner>(new JobDefinition(RunFeedsJob.Name) { Purpose = "Reads, checks and applies a partner\u2019s feeds.", TimeLimit = TimeSpan.FromMinutes(30), AtOnce = 2, Priority = JobPriority.Low })
            .AddJob<PullFeedJob, AboutPartner>(new JobDefinition(PullFeedJob.Name) { Purpose = "Fetches a partner\u2019s feed.", TimeLimit = TimeSpan.FromMinutes(15), AtOnce = 4 })
            .AddJob<PullFeedsJob, NoArgs>(new JobDefinition(PullFeedsJob.Name) { Purpose = "Looks which partners\u2019 feeds are to be fetched now.", Cron = "15 * * * * ?" })
            .AddJob<FetchPicturesJob, NoArgs>(new JobDefinition(FetchPicturesJob.Name) { Purpose = "Fetches the pictures that feeds name.", Cron = "45 * * * * ?", TimeLimit = TimeSpan.FromMinutes(10) })
            .AddJob<TidyFeedsJob, NoArgs>(new JobDefinition(TidyFeedsJob.Name) { Purpose = "Clears away old feeds and their reports.", Cron = "0 40 3 * * ?" });
    }
}
