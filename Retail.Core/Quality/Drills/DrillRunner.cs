using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Calls;
using Retail.Core.Payments.Gateway;
using Retail.Core.Quality.Scenarios;

namespace Retail.Core.Quality.Drills;

/// <summary>A drill that may begin: it holds the store's one turn until it is disposed of.</summary>
public sealed class DrillTurn(DrillPlan plan, DrillWish wish, DrillStore store, DrillNode about, DrillLock turn) : IAsyncDisposable
{
    /// <summary>Key.</summary>
    public Guid Id => Store.DrillId;

    internal DrillPlan Plan { get; } = plan;

    internal DrillWish Wish { get; } = wish;

    internal DrillStore Store { get; } = store;

    internal DrillNode About { get; } = about;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Store.Dispose();
        return turn.DisposeAsync();
    }
}

/// <summary>Runs drills, one at a time in the whole store, and sees to it that of each its result stays and nothing else.</summary>
public sealed class DrillRunner(
    NpgsqlDataSource database, IServiceScopeFactory scopes, MetricRecorder metrics, DrillPass passes, DrillCleaner cleaner, NamedQueries queries, IOptions<PaymentsOptions> payments,
    TimeProvider clock, ILogger<DrillRunner> logger)
{
    private static readonly TimeSpan NewsDelay = TimeSpan.FromSeconds(2);
    private static readonly ServiceError Running = new(Refusal.Conflict, "drill_running", "Another drill is running, and there is one at a time. Wait until it has ended, or stop it.");
    private static readonly ServiceError Production = new(Refusal.Forbidden, "drills_not_allowed",
        "This store is in production, and drills are not allowed there. Set Drills:AllowInProduction to true on its nodes if that is what you want.");
    private static readonly ServiceError Live = new(Refusal.Conflict, "live_key",
        "The gateway's key is a live one, and this drill charges cards. Run it where the key is a test key.");
    private static readonly ServiceError NoSimulator = new(Refusal.Conflict, "no_simulator",
        "This drill makes the gateway fail, and only the simulator can be told to. Run it in a store outside production that uses the simulator.");

    /// <summary>Checks a wish, takes the turn and writes the drill down; clears away before what a killed drill left.</summary>
    /// <returns>The turn, to be run and disposed of; or why it can't be.</returns>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<DrillTurn>> BeginAsync(DrillWish wish, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(wish);
        if (DrillPlans.Find(wish.Name) is not { } plan) return new ServiceError(Refusal.NotFound, "unknown_drill", $"There is no drill '{wish.Name}'. Choose one of the list.");
        foreach (var (name, value) in wish.Parameters)
            if (plan.Parameters.FirstOrDefault(p => p.Name == name) is not { } parameter || value < parameter.Min || value > parameter.Max)
                return new ServiceError(Refusal.Invalid, "bad_parameter", plan.Parameters.FirstOrDefault(p => p.Name == name) is { } known
                    ? $"Write {known.Label} as a number from {known.Min} to {known.Max}." : $"Leave '{name}' out: {plan.Name} has no such parameter.", name);
        if (await DrillLock.TryTakeAsync(database, ct) is not { } turn) return Running;
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var store = new DrillStore(wish.Nodes, id, passes.For(id));
        try
        {
            await cleaner.ClearLeftoversAsync(clock.GetUtcNow(), ct);
            DrillNode? first = null;
            foreach (var node in wish.Nodes)
            {
                var about = await store.AboutAsync(node, ct);
                if (about is { Production: true, Allowed: false }) return await RefuseAsync(Production);
                first ??= about;
            }
            if (plan.NeedsSimulator && first!.Simulator is null) return await RefuseAsync(NoSimulator);
            if (plan.Charges && first!.Simulator is null && payments.Value.SecretKey.Contains("_live_", StringComparison.Ordinal)) return await RefuseAsync(Live);
            await WriteDownAsync(id, wish, plan, first!, ct);
            logger.DrillBegins(plan.Name, id, wish.AskedBy);
            return new DrillTurn(plan, wish, store, first!, turn);
        }
        catch (DrillBrokenException e)
        {
            return await RefuseAsync(new ServiceError(Refusal.Unavailable, "store_not_reached", e.Message));
        }
        catch
        {
            await GiveBackAsync();
            throw;
        }

        async Task<ServiceError> RefuseAsync(ServiceError error)
        {
            await GiveBackAsync();
            return error;
        }

        ValueTask GiveBackAsync()
        {
            store.Dispose();
            return turn.DisposeAsync();
        }
    }

    /// <summary>Runs a drill to its end, whatever that is. Stopping it clears away what it made before this returns.</summary>
    public async Task<DrillRun> RunAsync(DrillTurn turn, IProgress<DrillStep> listener, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var began = clock.GetTimestamp();
        using var drill = DrillScope.Begin(turn.Id);
        var stage = new DrillStage(turn.Plan, turn.Wish, turn.Store, database, metrics, clock, listener) { About = turn.About };
        var (problem, isStopped) = await TryAsync(turn, stage, ct);
        try
        {
            await stage.SayAsync("Clearing away what the drill made", 98);
            // The gateway's news of the last charges come a moment later, and would be noted without their orders.
            if (turn.Plan.Charges) await stage.WaitAsync(() => cleaner.HasAllNewsAsync(turn.Id, CancellationToken.None), NewsDelay, null, CancellationToken.None);
            await KeepEvidenceAsync(stage);
            await cleaner.ClearAsync(turn.Id, stage.Charged, CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            logger.ClearedLater(e, turn.Id);
        }
        var result = new DrillResult(stage.Figures, problem);
        var status = isStopped ? DrillStatus.Stopped : result.Passed ? DrillStatus.Passed : DrillStatus.Failed;
        Record(turn.Plan, result, status);
        var seconds = Math.Round(clock.GetElapsedTime(began).TotalSeconds, 1);
        logger.DrillEnded(turn.Plan.Name, turn.Id, status, seconds);
        return await FinishAsync(turn.Id, status, result);
    }

    // The scenarios ask about all orders; what they would say of these is written down before nobody can ask any more.
    private async Task KeepEvidenceAsync(DrillStage stage)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync();
            foreach (var query in queries.All.Where(q => q.OfDrillAsync is not null))
                if (await query.OfDrillAsync!(connection, stage.Id, clock.GetUtcNow(), CancellationToken.None) is { Sample: > 0, Value: { } value } said)
                    stage.Evidence(MetricTypes.DrillEvidence, value, ("query", query.Name), ("sample", said.Sample));
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            // The goods must go all the same.
            logger.EvidenceNotKept(e, stage.Id);
        }
    }

    private async Task<(string? Problem, bool IsStopped)> TryAsync(DrillTurn turn, DrillStage stage, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(turn.Plan.TimeLimit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        using var over = new CancellationTokenSource();
        var watch = WatchAsync(turn.Id, stop, over.Token);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetServices<IDrill>().Single(d => d.Plan == turn.Plan).RunAsync(stage, stop.Token);
            return (null, false);
        }
        catch (DrillBrokenException e)
        {
            return (e.Message, false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return limit.IsCancellationRequested ? ($"It took longer than {turn.Plan.TimeLimit.TotalMinutes:0} minutes and was broken off.", false) : ("It was stopped.", true);
        }
        // Whatever breaks a drill is its result: it is logged, shown, and never a pass.
        catch (Exception e)
        {
            logger.DrillBroke(e, turn.Plan.Name, turn.Id);
            return ($"It broke: {e.Message}", false);
        }
        finally
        {
            await over.CancelAsync();
            await watch;
        }
    }

    private async Task WatchAsync(Guid id, CancellationTokenSource stop, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                await using var asked = database.CreateCommand("SELECT is_stop_asked FROM drills WHERE id = $1");
                asked.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
                if (await asked.ExecuteScalarAsync(CancellationToken.None) is true)
                {
                    await stop.CancelAsync();
                    return;
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                logger.WatchAway(e);
            }
            await Task.Delay(TimeSpan.FromSeconds(1), clock, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Of a figure that was found several times, the worst that a reader would look for: the highest.
    private void Record(DrillPlan plan, DrillResult result, DrillStatus status)
    {
        var about = new Dictionary<string, object?> { ["drill"] = plan.Name, ["status"] = status.ToString() };
        foreach (var figure in result.Figures.GroupBy(f => f.Type)) about[figure.Key] = figure.Max(f => f.Value);
        metrics.Record(MetricTypes.DrillResult, status == DrillStatus.Passed ? 1 : 0, about);
    }

    private async Task WriteDownAsync(Guid id, DrillWish wish, DrillPlan plan, DrillNode about, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        var told = plan.Parameters.ToDictionary(p => p.Name, p => wish.Parameters.TryGetValue(p.Name, out var number) ? number : p.Default);
        db.Drills.Add(new DrillRun
        {
            Id = id,
            Name = plan.Name,
            StartedAt = clock.GetUtcNow(),
            Parameters = System.Text.Json.JsonSerializer.Serialize(told),
            Release = about.Release,
            Node = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}"),
            AskedBy = wish.AskedBy,
        });
        await db.SaveChangesAsync(ct);
    }

    private async Task<DrillRun> FinishAsync(Guid id, DrillStatus status, DrillResult result)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        var now = clock.GetUtcNow();
        await db.Drills.Where(d => d.Id == id).ExecuteUpdateAsync(set => set
            .SetProperty(d => d.Status, status).SetProperty(d => d.FinishedAt, now).SetProperty(d => d.Result, result.ToJson()).SetProperty(d => d.Percent, 100), CancellationToken.None);
        return await db.Drills.AsNoTracking().SingleAsync(d => d.Id == id, CancellationToken.None);
    }
}
