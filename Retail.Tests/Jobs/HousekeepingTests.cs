using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Carts;
using Retail.Core.Data.Jobs;
using Retail.Core.Inventory;
using Retail.Core.Jobs.Housekeeping;
using Retail.Tests.Notifications;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Jobs;

/// <summary>What the store does by the clock.</summary>
public sealed class HousekeepingTests(TestDatabase database)
{
    [Fact]
    public async Task Variants_that_run_low_are_told_of_once_a_day_in_one_mail_to_the_shops_address_over_a_real_server()
    {
        var clock = new SetClock();
        await using var sink = new SmtpSink();
        await using var store = await CoreHost.StartAsync(database, clock,
            [.. PostOffice.Smtp("Primary", sink.Port), ("Inventory:LowStock", "4"), ("Inventory:LowStockTo", "stock@shop.example.com"), ("Store:PublicUrl", "https://shop.example.com")]);
        await store.HasProductAsync("Cup", stock: 4);
        var plate = await store.HasProductAsync("Plate", stock: 5);
        Assert.Equal(1, await RunOnceAsync());
        Assert.Equal(0, await RunOnceAsync());   // it waits to be sent
        await SendAsync();
        Assert.Equal(0, await RunOnceAsync());   // it was sent
        var mail = Assert.Single(sink.Mails);
        Assert.Equal("Only 4 left: Cup", mail.Header("Subject"));
        Assert.Contains("stock@shop.example.com", mail.To, StringComparison.Ordinal);

        // What follows on the same day is told without what was told already.
        await SetStockAsync(plate, 3);
        Assert.Equal(1, await RunOnceAsync());
        await SendAsync();
        Assert.Equal("Only 3 left: Plate", sink.Mails.Last().Header("Subject"));

        // The next day reminds of all, in one mail; what was filled up before it is written is left out.
        clock.Advance(TimeSpan.FromDays(1));
        for (var i = 0; i < 60; i++) await store.HasProductAsync($"Glass {i}", stock: i % 4);
        var bowl = await store.HasProductAsync("Bowl", stock: 1);
        Assert.Equal(63, await RunOnceAsync());
        await SetStockAsync(bowl, 30);
        await SendAsync();
        Assert.Equal(3, sink.Mails.Count);
        Assert.Equal("62 variants are running low, 15 of them sold out", sink.Mails.Last().Header("Subject"));
        var text = sink.Mails.Last().Part("text/plain");
        Assert.Equal(50, text.Split('\n').Count(line => line.Contains("only ", StringComparison.Ordinal) || line.Contains(": sold out", StringComparison.Ordinal)));
        Assert.Contains("12 more", text, StringComparison.Ordinal);
        Assert.Contains("https://shop.example.com/admin/products?stock=low", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Bowl", text, StringComparison.Ordinal);

        async Task<int> RunOnceAsync() => await ActivatorUtilities.CreateInstance<LowStockNotice>(store.Services).RunOnceAsync(TestContext.Current.CancellationToken);

        Task<int> SetStockAsync(Guid variant, int units) => store.QueryAsync<int>($"UPDATE stock_items SET on_hand = {units} WHERE variant_id = '{variant}' RETURNING on_hand");

        async Task SendAsync()
        {
            using var relay = ActivatorUtilities.CreateInstance<Retail.Core.Jobs.Outbox.OutboxRelay>(store.Services);
            await relay.RunOnceAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task What_was_done_long_ago_is_removed_and_what_is_open_or_dead_stays()
    {
        await using var store = await CoreHost.StartAsync(database);
        await store.QueryAsync<int>("""
            WITH rows AS (INSERT INTO outbox (kind, key, status, created_at, due_at, finished_at, tries)
                SELECT 'favour', s || days, s, now() - make_interval(days => days), now() - make_interval(days => days), now() - make_interval(days => days), 1
                FROM unnest(ARRAY['Done', 'Discarded', 'Dead', 'Waiting']) s, unnest(ARRAY[1, 8]) days),
            runs AS (INSERT INTO job_runs (id, job, key, args, status, tries, asked_at, due_at, finished_at)
                SELECT gen_random_uuid(), 'errand', s || days, '{}', s, 1, now(), now(), now() - make_interval(days => days) FROM unnest(ARRAY['Done', 'Dead']) s, unnest(ARRAY[1, 4]) days)
            SELECT 1
            """);
        await RunAsync<OutboxCleanUp>(store);
        Assert.Equal("Dead1 Dead8 Discarded1 Done1 Waiting1 Waiting8", await store.QueryAsync<string>("SELECT string_agg(key, ' ' ORDER BY key) FROM outbox"));
        Assert.Equal("Dead1 Dead4 Done1", await store.QueryAsync<string>("SELECT string_agg(key, ' ' ORDER BY key) FROM job_runs"));
    }

    [Fact]
    public async Task A_cart_that_nobody_has_changed_for_a_month_is_removed()
    {
        await using var store = await CoreHost.StartAsync(database);
        var variant = await store.HasProductAsync("Cup", stock: 4);
        await store.QueryAsync<int>($"""
            WITH carts AS (INSERT INTO carts (id, checkout_key, updated_at) SELECT gen_random_uuid(), gen_random_uuid(), now() - make_interval(days => days) FROM unnest(ARRAY[1, 29, 31, 400]) days RETURNING id),
            lines AS (INSERT INTO cart_lines (cart_id, variant_id, quantity, price_seen_amount, price_seen_currency, added_at) SELECT id, '{variant}', 1, 1, 'USD', now() FROM carts)
            SELECT 1
            """);
        await RunAsync<OldCarts>(store);
        Assert.Equal("2 2", await store.QueryAsync<string>("SELECT (SELECT count(*) FROM carts) || ' ' || (SELECT count(*) FROM cart_lines)"));
    }

    [Fact]
    public async Task Nodes_are_told_of_a_flash_sale_that_has_just_begun_or_ended()
    {
        await using var store = await CoreHost.StartAsync(database);
        var (begun, ended, running) = (await store.HasProductAsync("Cup", 4), await store.HasProductAsync("Plate", 4), await store.HasProductAsync("Bowl", 4));
        await store.QueryAsync<int>($"""
            WITH sales AS (INSERT INTO flash_sales (id, variant_id, price_amount, price_currency, starts_at, ends_at, quantity, sold, limit_per_customer, updated_at)
                SELECT gen_random_uuid(), v::uuid, 1, 'USD', now() + b, now() + e, 5, 0, 1, now()
                FROM (VALUES ('{begun}', interval '-1 minute', interval '1 hour'), ('{ended}', interval '-1 hour', interval '-1 minute'), ('{running}', interval '-1 hour', interval '1 hour')) s(v, b, e))
            SELECT 1
            """);
        await using var connection = await store.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(TestContext.Current.CancellationToken);
        var heard = "";
        connection.Notification += (_, notice) => heard += notice.Payload;
        await using (var listen = new NpgsqlCommand("LISTEN catalog", connection)) await listen.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await RunAsync<SaleWindows>(store);
        await connection.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        var products = await store.QueryAsync<Guid[]>($"SELECT array_agg(product_id) FROM variants WHERE id IN ('{begun}', '{ended}')");
        Assert.StartsWith("products:", heard, StringComparison.Ordinal);
        Assert.Equal(products.Select(id => id.ToString()).Order(), heard["products:".Length..].Split(',').Order());
    }

    [Fact]
    public async Task Every_job_of_the_store_is_made_by_the_container_and_has_a_purpose()
    {
        await using var store = await CoreHost.StartAsync(database);
        var jobs = store.Services.GetServices<RegisteredJob>().ToList();
        Assert.Contains(jobs, job => job.Definition.Name == "settlement-sweep");
        foreach (var job in jobs.Where(job => job.Definition.Cron is not null))
        {
            Assert.EndsWith(".", job.Definition.Purpose, StringComparison.Ordinal);
            await using var scope = store.Services.CreateAsyncScope();
            await job.RunAsync(scope.ServiceProvider, "{}", TestContext.Current.CancellationToken);
        }
    }

    private static async Task RunAsync<TJob>(CoreHost store) where TJob : IJob<NoArgs>
    {
        await using var scope = store.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TJob>().RunAsync(new NoArgs(), TestContext.Current.CancellationToken);
    }
}
