using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Catalog;
using Retail.Core.Data;
using Retail.Core.Partners;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Pipeline;
using Retail.Core.Partners.Runs;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Partners;

/// <summary>The store's core with partners, whose feeds are worked on when a test says so.</summary>
internal sealed class FeedHost(CoreHost core) : IAsyncDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public CoreHost Core => core;

    public static async Task<FeedHost> StartAsync(TestDatabase database, params (string Name, string Value)[] settings)
    {
        var host = new FeedHost(await CoreHost.StartAsync(database, null, settings));
        await host.ShelfAsync("Goods");
        return host;
    }

    public async Task<Guid> ShelfAsync(string name)
    {
        await using var scope = core.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<CategoryService>().SaveAsync(new CategoryDraft { Name = name }, Ct)).Value;
    }

    /// <summary>A partner whose unmapped goods stand on the shelf Goods.</summary>
    public Task<Guid> PartnerAsync(string code, string format = "csv", Func<PartnerDraft, PartnerDraft>? change = null) => PartnerAsync(core.Services, code, format, change);

    public static async Task<Guid> PartnerAsync(IServiceProvider services, string code, string format = "csv", Func<PartnerDraft, PartnerDraft>? change = null)
    {
        await using var scope = services.CreateAsyncScope();
        var shelf = await scope.ServiceProvider.GetRequiredService<RetailDbContext>().Categories.Where(c => c.Slug == "goods").Select(c => (Guid?)c.Id).SingleOrDefaultAsync(Ct);
        var draft = new PartnerDraft { Name = $"Partner {code}", Code = code, Format = format, Currency = "USD", CategoryId = shelf };
        var saved = await scope.ServiceProvider.GetRequiredService<PartnerService>().SaveAsync(change?.Invoke(draft) ?? draft, Ct);
        Assert.True(saved.Ok, saved.Error?.Message);
        return saved.Value;
    }

    /// <summary>Changes what was agreed on.</summary>
    public async Task AgreeAsync(Guid partner, string sql) => await SqlAsync($"UPDATE partners SET {sql}, updated_at = now() WHERE id = '{partner}'");

    public Task<FeedRun> FeedAsync(Guid partner, string text, bool dryRun = false) => FeedAsync(partner, Encoding.UTF8.GetBytes(text), dryRun);

    /// <summary>Takes a feed in and works on it until nothing more is to be done.</summary>
    public async Task<FeedRun> FeedAsync(Guid partner, byte[] file, bool dryRun = false)
    {
        var receipt = await ReceiveAsync(partner, file, dryRun);
        await WorkAsync(partner);
        return await RunAsync(receipt.Id);
    }

    public async Task<FeedReceipt> ReceiveAsync(Guid partner, byte[] file, bool dryRun = false)
    {
        await using var scope = core.Services.CreateAsyncScope();
        using var stream = new MemoryStream(file);
        var stored = await scope.ServiceProvider.GetRequiredService<FeedContents>().StoreAsync(stream, Ct);
        Assert.True(stored.Ok, stored.Error?.Message);
        var received = await scope.ServiceProvider.GetRequiredService<FeedRunService>().ReceiveAsync(partner, stored.Value, new(FeedOrigin.Admin, "a test", dryRun), Ct);
        Assert.True(received.Ok, received.Error?.Message);
        return received.Value;
    }

    public async Task WorkAsync(Guid partner)
    {
        await using var scope = core.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<FeedRunner>().RunAsync(partner, Ct);
    }

    public async Task<FeedRun> RunAsync(Guid id)
    {
        await using var scope = core.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<FeedRunQueries>().FindAsync(id, null, Ct))!.Run;
    }

    /// <summary>What a run's report says: "3 BAD_PRICE, 7 TOO_LONG".</summary>
    public async Task<string> ReportAsync(FeedRun run) =>
        await SqlAsync($"SELECT coalesce(string_agg(line || ' ' || code, ', ' ORDER BY number, position), '') FROM feed_issues WHERE run_id = '{run.Id}'") as string ?? "";

    /// <summary>The goods of a partner that shoppers can see: "TEE 19.00 x5".</summary>
    public async Task<string> GoodsAsync(Guid partner) => await SqlAsync($"""
        SELECT coalesce(string_agg(concat_ws(' ', v.sku, p.name, v.price_amount, 'x' || s.on_hand), ', ' ORDER BY v.sku), '')
        FROM products p JOIN variants v ON v.product_id = p.id JOIN stock_items s ON s.variant_id = v.id WHERE p.partner_id = '{partner}' AND v.retired_at IS NULL
        """) as string ?? "";

    public async Task<object?> SqlAsync(string sql)
    {
        await using var command = core.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return await command.ExecuteScalarAsync(Ct);
    }

    public ValueTask DisposeAsync() => core.DisposeAsync();
}
