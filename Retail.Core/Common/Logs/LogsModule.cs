using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Retail.Core.Common.Settings;
using Serilog;
using Serilog.Extensions.Logging;

namespace Retail.Core.Common.Logs;

/// <summary>Registers the logs of a host.</summary>
public static class LogsModule
{
    // What a framework says at Information is said better by our own lines, and costs as much. Hosting.Diagnostics makes an
    // activity and a scope for each request even when its lines are filtered out, unless it is off altogether.
    private static readonly (string Category, LogLevel Level)[] Quieter =
    [
        ("Microsoft", LogLevel.Warning), ("System", LogLevel.Warning), ("Npgsql", LogLevel.Warning), ("Polly", LogLevel.Warning),
        ("Quartz", LogLevel.Warning), ("Hangfire", LogLevel.Warning),
        // Both throw what they log; whoever catches it decides what is worth a line. A faulted service is still Critical.
        ("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical), ("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None),
        // It warns that keys are stored unencrypted: it does not see that ProtectionKeys encrypts them whole.
        ("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error),
        ("Microsoft.Hosting.Lifetime", LogLevel.Information), ("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None),
    ];

    /// <summary>Replaces the host's log providers by JSON lines on standard output and in the log file, behind one queue:
    /// whoever logs only enqueues. What waits is written when the host is disposed.</summary>
    public static IHostApplicationBuilder AddRetailLogs(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Logging.ClearProviders();
        builder.Services.AddSettings<LogsOptions>("Logs");
        builder.Services.AddSingleton(services => new LogLines(services.GetRequiredService<IOptions<LogsOptions>>().Value));
        builder.Services.AddSingleton<LogReader>();
        builder.Services.AddSingleton<ILoggerProvider>(services => Provider(
            services.GetRequiredService<LogLines>(), services.GetRequiredService<IOptions<LogsOptions>>().Value));
        builder.Services.AddSettings<RuntimeOptions>("");
        builder.Services.AddOptions<LoggerFilterOptions>().Configure<IOptions<LogsOptions>, IOptions<RuntimeOptions>>((filters, logs, runtime) =>
        {
            var least = runtime.Value.IsDebug && logs.Value.MinimumLevel > LogLevel.Debug ? LogLevel.Debug : logs.Value.MinimumLevel;
            filters.AddFilter((string?)null, least);
            foreach (var (category, level) in Quieter) filters.AddFilter(category, level > least ? level : least);
        });
        return builder;
    }

    private static SerilogLoggerProvider Provider(LogLines lines, LogsOptions options) => new(
        new LoggerConfiguration()
            .MinimumLevel.Verbose()   // the host's filters have decided already
            .Enrich.With(new RequestScope.Enricher())
            .WriteTo.Async(queue => queue.Sink(lines), lines, options.QueueLength, blockWhenFull: false)
            .CreateLogger(),
        dispose: true);
}
