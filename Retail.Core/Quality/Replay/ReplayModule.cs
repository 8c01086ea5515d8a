using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Retail.Core.Common.Settings;
using Retail.Core.Data;
using Retail.Core.Data.Jobs;

namespace Retail.Core.Quality.Replay;

/// <summary>Requests that are recorded and sent again.</summary>
public static class ReplayModule
{
    /// <summary>Adds the recording, its clean-up and the replay. A host that answers requests also runs <see cref="RequestRecordings"/>.</summary>
    public static IServiceCollection AddReplay(this IServiceCollection services)
    {
        services.AddSettings<ReplayOptions>("Replay");
        return services
            .AddSingleton<RequestRecordings>()
            .AddScoped<RequestReplay>()
            .AddJob<ForgetRecordings, NoArgs>(new JobDefinition("forget-recordings") { Purpose = "Deletes recorded requests that are too old to be sent again.", Cron = "0 20 4 * * ?" });
    }
}

/// <summary>Deletes recordings past their age.</summary>
public sealed class ForgetRecordings(RetailDbContext db, IOptions<ReplayOptions> options, TimeProvider clock) : IJob<NoArgs>
{
    /// <inheritdoc/>
    public Task RunAsync(NoArgs args, CancellationToken ct)
    {
        var oldest = clock.GetUtcNow().AddDays(-options.Value.KeepDays);
        return db.RecordedRequests.Where(r => r.RecordedAt < oldest).ExecuteDeleteAsync(ct);
    }
}
