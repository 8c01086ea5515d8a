using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Retail.Core.Common.Logs;
using Xunit;

namespace Retail.Tests.Observability;

public sealed partial class LogQueueTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("retail-queue-").FullName;

    [Fact]
    public async Task A_full_queue_drops_lines_counts_them_and_says_so()
    {
        long dropped;
        using (var host = Host(("Logs:QueueLength", "100")))
        {
            var logger = host.Services.GetRequiredService<ILogger<LogQueueTests>>();
            for (var i = 0; i < 20_000; i++) Burst(logger, i);
            dropped = host.Services.GetRequiredService<LogLines>().Dropped;
            await Task.Delay(100, TestContext.Current.CancellationToken);
            Burst(logger, -1);
        }
        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder, "application.log"), TestContext.Current.CancellationToken);
        Assert.True(dropped > 0);
        Assert.Equal(20_001, lines.Count(line => line.Contains("Burst", StringComparison.Ordinal)) + dropped);
        var told = lines.Where(line => line.Contains("because the queue was full", StringComparison.Ordinal)).Sum(line => long.Parse(line.Split("Dropped ")[1].Split(' ')[0], null));
        Assert.Equal(dropped, told);
    }

    [Fact]
    public async Task All_that_waits_is_written_when_the_host_goes()
    {
        using (var host = Host())
        {
            var logger = host.Services.GetRequiredService<ILogger<LogQueueTests>>();
            for (var i = 0; i < 5_000; i++) Burst(logger, i);
        }
        Assert.Equal(5_000, (await File.ReadAllLinesAsync(Path.Combine(_folder, "application.log"), TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public void A_wrong_setting_stops_the_start() =>
        Assert.Throws<OptionsValidationException>(() => Host(("Logs:FilesKept", "0")).Services.GetRequiredService<ILogger<LogQueueTests>>());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private IHost Host(params (string Key, string Value)[] settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Logs:Folder"] = _folder, ["Logs:Console"] = "false" });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.AddRetailLogs();
        return builder.Build();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Burst {Number}")]
    private static partial void Burst(ILogger logger, int number);
}
