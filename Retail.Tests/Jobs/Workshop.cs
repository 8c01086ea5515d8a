using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common.Logs;
using Retail.Core.Data;
using Retail.Core.Data.Jobs;
using Retail.Core.Data.Outbox;
using Retail.Core.Jobs;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Jobs;

/// <summary>What the jobs and handlers of these tests did, written down by themselves.</summary>
internal sealed class Diary
{
    private int _inside, _most;

    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>The most that were inside <see cref="EnterAsync"/> at one time.</summary>
    public int Most => Volatile.Read(ref _most);

    /// <summary>What a job or handler does, by its key.</summary>
    public Func<string, CancellationToken, Task> Do { get; set; } = (_, _) => Task.CompletedTask;

    public async Task EnterAsync(string key, CancellationToken ct)
    {
        var inside = Interlocked.Increment(ref _inside);
        lock (Lines) _most = Math.Max(_most, inside);
        Lines.Enqueue(key);
        try
        {
            await Do(key, ct);
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    /// <summary>Waits until so many lines are there.</summary>
    public Task UntilAsync(int lines) => Workshop.UntilAsync(() => Task.FromResult(Lines.Count >= lines), () => $"{Lines.Count} of {lines} lines: {string.Join(' ', Lines.Take(20))}");
}

internal sealed record Errand(string Word);

internal sealed class ErrandJob(Diary diary) : IJob<Errand>
{
    public static readonly JobDefinition Definition = new("errand") { Purpose = "Does what a test says.", FirstPause = TimeSpan.FromMilliseconds(50), TimeLimit = TimeSpan.FromSeconds(60), AtOnce = 2 };

    public Task RunAsync(Errand args, CancellationToken ct) => diary.EnterAsync(args.Word.Replace("{request}", RequestScope.RequestId, StringComparison.Ordinal), ct);
}

internal sealed class TickJob(Diary diary) : IJob<NoArgs>
{
    public static readonly JobDefinition Definition = new("tick") { Purpose = "Ticks each second.", Cron = "* * * * * ?" };

    public Task RunAsync(NoArgs args, CancellationToken ct) => diary.EnterAsync("tick", ct);
}

internal sealed class FavourHandler(Diary diary) : IOutboxHandler
{
    public string Kind => "favour";

    public int AtOnce => 4;

    public int MaxTries => 3;

    public TimeSpan TimeLimit => TimeSpan.FromSeconds(30);

    public Task HandleAsync(string key, CancellationToken ct) => diary.EnterAsync(key, ct);
}

internal sealed class OtherFavourHandler(Diary diary) : IOutboxHandler
{
    public string Kind => "other-favour";

    public Task HandleAsync(string key, CancellationToken ct) => diary.EnterAsync(key, ct);
}

internal sealed class SlowFavourHandler(Diary diary) : IOutboxHandler
{
    public string Kind => "slow-favour";

    public TimeSpan TimeLimit => TimeSpan.FromMilliseconds(300);

    public Task HandleAsync(string key, CancellationToken ct) => diary.EnterAsync(key, ct);
}

/// <summary>Hosts with the worker, and with jobs and handlers that write into a diary.</summary>
internal static class Workshop
{
    public static Action<IServiceCollection> With(Diary diary, bool worker = true, bool ticks = false, JobDefinition? errand = null) => services =>
    {
        services.AddSingleton(diary)
            .AddJob<ErrandJob, Errand>(errand ?? ErrandJob.Definition)
            .AddScoped<IOutboxHandler, FavourHandler>()
            .AddScoped<IOutboxHandler, OtherFavourHandler>()
            .AddScoped<IOutboxHandler, SlowFavourHandler>();
        if (ticks) services.AddJob<TickJob, NoArgs>(TickJob.Definition);
        if (worker) services.AddWorker();
    };

    public static Task<CoreHost> StartAsync(TestDatabase database, Diary diary, JobDefinition? errand = null) => CoreHost.StartWithAsync(database, With(diary, errand: errand), Settings);

    /// <summary>A stop is not to hold up the tests.</summary>
    public static (string, string)[] Settings => [("Jobs:StopGrace", "00:00:00.500")];

    public static Task AskAsync(this CoreHost host, string key, string word) =>
        host.Services.GetRequiredService<IJobQueue>().EnqueueAsync("errand", key, new Errand(word), TestContext.Current.CancellationToken);

    /// <summary>Promises as a capability does, without saying when it is due but now.</summary>
    public static Task PromiseAsync(this CoreHost host, string kind, params (string Key, string? Order)[] promises) => host.Services.GetRequiredService<IServiceScopeFactory>().UsingAsync(async db =>
    {
        var now = TimeProvider.System.GetUtcNow();
        db.Outbox.AddRange(promises.Select(p => new OutboxMessage { Kind = kind, Key = p.Key, OrderingKey = p.Order, CreatedAt = now, DueAt = now }));
        await db.SaveChangesAsync();
    });

    private static async Task UsingAsync(this IServiceScopeFactory scopes, Func<RetailDbContext, Task> work)
    {
        await using var scope = scopes.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<RetailDbContext>());
    }

    public static Task UntilSqlAsync(this CoreHost host, string condition) =>
        UntilAsync(() => host.QueryAsync<bool>($"SELECT {condition}"), () => condition);

    public static async Task UntilAsync(Func<Task<bool>> isSo, Func<string> what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60), $"Not after a minute: {what()}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
