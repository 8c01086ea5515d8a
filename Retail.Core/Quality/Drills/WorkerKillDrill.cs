using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Data;
using Retail.Core.Data.Outbox;
using Retail.Core.Metrics;
using Retail.Core.Payments.Gateway;

namespace Retail.Core.Quality.Drills;

/// <summary>A worker dies with promises in its hands, and others have to go on.</summary>
public sealed class WorkerKillDrill(DrillGoods goods, DrillBooks books, DrillWorkers workers, RetailDbContext db, NpgsqlDataSource database, IOptions<DrillsOptions> options, IOptions<PaymentsOptions> payments, TimeProvider clock) : IDrill
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(60), Longest = TimeSpan.FromMinutes(3);

    /// <summary>What it is.</summary>
    public static readonly DrillPlan Description = new("worker-kill", "Worker kill",
        "A worker process of the drill's own is started beside those that there are, takes promises from the outbox, and is killed with SIGKILL in the middle of them. The others must go on within a minute; no promise may be lost or kept twice.")
    {
        Parameters = [new("promises", "Promises", 120, 20, 5000), new("orders", "Orders that are placed meanwhile", 5, 1, 100)],
    };

    /// <inheritdoc/>
    public DrillPlan Plan => Description;

    /// <inheritdoc/>
    public async Task RunAsync(DrillStage stage, CancellationToken ct)
    {
        var gateway = stage.About.Simulator ?? new Uri(payments.Value.GatewayUrl);
        await stage.SayAsync("Making a product, and starting a worker that will be killed", 5);
        var product = await goods.MakeAsync(stage, stage["orders"], ct);
        await goods.PutOnFlashSaleAsync(stage, product, limitPerCustomer: 1, ct);
        using var victim = workers.Start(gateway);
        var node = await NodeOfAsync(stage, victim, ct);
        // A shop whose only worker dies has nobody who goes on: then the drill brings that one too.
        using var second = await CountAsync("SELECT count(*) FROM workers WHERE node <> $1 AND seen_at > now() - interval '10 seconds'", node, ct) > 0 ? null : workers.Start(gateway);
        if (second is not null) await NodeOfAsync(stage, second, ct);

        await stage.SayAsync($"Making {stage["promises"]} promises and {stage["orders"]} orders", 25);
        var promises = await PromiseAsync(stage, ct);
        var (held, killedAt) = await KillInTheActAsync(stage, victim, node, promises, ct);
        await stage.SayAsync($"Killed {node} with {held.Length} promises in its hands", 45);
        for (var nr = 1; nr <= stage["orders"]; nr++) await stage.Store.Shopper($"buyer-{nr}").BuyFlashAsync(product.Sku, $"buyer-{nr}", options.Value.PaymentMethod, ct);

        await stage.SayAsync("Waiting until others have kept what is left", 55);
        await stage.WaitAsync(async () => await CountAsync("SELECT count(*) FROM outbox WHERE drill_id = $1 AND kind = 'drill-promise' AND status = 'Waiting'", stage.Id, ct) == 0
            && (await books.OrdersAsync(stage, ct)).Open == 0, Longest, null, ct);
        await JudgeAsync(stage, promises, held, killedAt, ct);
    }

    // Held still first: on a busy machine it would be done with what it held before the signal came.
    private async Task<(Guid[] Held, DateTimeOffset KilledAt)> KillInTheActAsync(DrillStage stage, DrillWorker victim, string node, List<Guid> promises, CancellationToken ct)
    {
        Guid[] held = [];
        await stage.WaitAsync(async () =>
        {
            if (await CountAsync("SELECT count(*) FROM drill_marks WHERE node = $1 AND kept_at IS NOT NULL", victim.Node, ct) > 0)
            {
                victim.Freeze();
                held = await HeldAsync(node, ct);
                if (held.Length > 0) return true;
                victim.Thaw();
            }
            // All kept before it could be caught with one: some more.
            if (await CountAsync("SELECT count(*) FROM outbox WHERE drill_id = $1 AND kind = 'drill-promise' AND status = 'Waiting'", stage.Id, ct) == 0) promises.AddRange(await PromiseAsync(stage, ct));
            return false;
        }, Longest, "The worker took no promise within three minutes.", ct);
        var killedAt = clock.GetUtcNow();
        await victim.KillAsync();
        return (held, killedAt);
    }

    private async Task JudgeAsync(DrillStage stage, List<Guid> promises, Guid[] held, DateTimeOffset killedAt, CancellationToken ct)
    {
        var kept = new Dictionary<Guid, (int Times, DateTimeOffset First)>();
        await using (var command = database.CreateCommand("SELECT order_id, count(*)::int, min(kept_at) FROM drill_marks WHERE drill_id = $1 AND kept_at IS NOT NULL GROUP BY 1"))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = stage.Id });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct)) kept[reader.GetGuid(0)] = (reader.GetInt32(1), reader.GetFieldValue<DateTimeOffset>(2));
        }
        var orders = await books.OrdersAsync(stage, ct);
        var charges = await books.ChargesAsync(stage, await books.OrderIdsAsync(stage, ct), ct);
        var lost = promises.Count(p => !kept.ContainsKey(p));
        var doubled = kept.Values.Count(k => k.Times > 1);
        var resumed = held.Where(kept.ContainsKey).Select(p => (kept[p].First - killedAt).TotalSeconds).DefaultIfEmpty(double.NaN).Min();
        stage.Figure(MetricTypes.WorkerLostPromises, lost + orders.Open, "Promises and orders that nobody kept", Wanted.Zero, $"{promises.Count} promises, {kept.Count} kept; {orders.Orders} orders, {orders.Paid} paid");
        stage.Figure(MetricTypes.WorkerDoubledPromises, doubled + charges.Sum(c => Math.Max(0, c.Charges - 1)), "Promises kept twice, and orders charged twice", Wanted.Zero);
        // None of what it held was taken over: that is lost, above, and there is no time to tell.
        if (!double.IsNaN(resumed))
            stage.Figure(MetricTypes.WorkerResumeSeconds, Math.Round(Math.Max(0, resumed), 2), $"Seconds until the first of its {held.Length} promises was kept by another", Wanted.AtMost(Promised.TotalSeconds));
    }

    private async Task<string> NodeOfAsync(DrillStage stage, DrillWorker worker, CancellationToken ct)
    {
        string? node = null;
        await stage.WaitAsync(async () =>
        {
            if (worker.IsGone) throw new DrillBrokenException("The drill's worker ended by itself. Start Retail.Worker by hand with the same settings: it says why.");
            await using var find = database.CreateCommand("SELECT node FROM workers WHERE node LIKE $1 || ':%'");
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = worker.Node });
            return (node = await find.ExecuteScalarAsync(ct) as string) is not null;
        }, TimeSpan.FromMinutes(1), "The drill's worker was not ready within a minute.", ct);
        return node!;
    }

    private async Task<List<Guid>> PromiseAsync(DrillStage stage, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var promises = Enumerable.Range(0, stage["promises"]).Select(_ => Guid.CreateVersion7(now)).ToList();
        db.Outbox.AddRange(promises.Select(promise => new OutboxMessage { Kind = DrillPromise.OutboxKind, Key = DrillPromise.KeyOf(stage.Id, promise), CreatedAt = now, DueAt = now }));
        await db.SaveChangesAsync(ct);
        return promises;
    }

    // What it had begun, and what it had taken and not begun.
    private async Task<Guid[]> HeldAsync(string node, CancellationToken ct)
    {
        await using var command = database.CreateCommand("""
            SELECT split_part(key, ':', 2)::uuid FROM outbox o WHERE kind = 'drill-promise' AND leased_by = $1
                AND NOT EXISTS (SELECT 1 FROM drill_marks m WHERE m.order_id = split_part(o.key, ':', 2)::uuid AND m.kept_at IS NOT NULL)
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = node });
        var held = new List<Guid>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) held.Add(reader.GetGuid(0));
        return [.. held];
    }

    private async Task<long> CountAsync<T>(string sql, T about, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = about });
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
