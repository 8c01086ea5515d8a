using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Data;

namespace Retail.Core.Quality.Replay;

/// <summary>Takes recordings from requests without making them wait, and writes them each few seconds. A few an hour of each route are enough; what comes while the database is away is lost.</summary>
public sealed class RequestRecordings(IServiceScopeFactory scopes, IOptions<ReplayOptions> options, TimeProvider clock, ILogger<RequestRecordings> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private readonly Channel<RecordedRequest> _waiting = Channel.CreateBounded<RecordedRequest>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ConcurrentDictionary<string, Quota> _quotas = new();

    /// <summary>Whether a request of this route is to be recorded; asking takes one from the hour's number.</summary>
    public bool Wants(string route)
    {
        if (!options.Value.Record) return false;
        var hour = clock.GetUtcNow().ToUnixTimeSeconds() / 3600;
        return _quotas.GetOrAdd(route, _ => new()).Take(hour, options.Value.PerRoute);
    }

    /// <summary>Keeps it.</summary>
    public void Add(RecordedRequest request) => _waiting.Writer.TryWrite(request);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await FlushAsync();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await FlushAsync();
        }
    }

    private async Task FlushAsync()
    {
        var batch = new List<RecordedRequest>();
        while (_waiting.Reader.TryRead(out var request)) batch.Add(request);
        if (batch.Count == 0) return;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
            db.RecordedRequests.AddRange(batch);
            await db.SaveChangesAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException or IOException or Microsoft.EntityFrameworkCore.DbUpdateException)
        {
            logger.RecordingsLost(e, batch.Count);
        }
    }

    // Two requests in the same moment may both be the last one: one more than wanted does no harm.
    private sealed class Quota
    {
        private long _hour, _taken;

        public bool Take(long hour, int most)
        {
            if (Interlocked.Exchange(ref _hour, hour) != hour) Interlocked.Exchange(ref _taken, 0);
            return Interlocked.Read(ref _taken) < most && Interlocked.Increment(ref _taken) <= most;
        }
    }
}

internal static partial class ReplayLog
{
    [LoggerMessage(EventId = 8301, Level = LogLevel.Warning, Message = "{Requests} recorded requests could not be written and are lost")]
    public static partial void RecordingsLost(this ILogger logger, Exception e, int requests);
}
