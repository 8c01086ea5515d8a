using Retail.Core.Metrics;
using Retail.Core.Quality.Drills;
using Retail.Tests.Admin;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality.Drills;

/// <summary>Drills of the worker: feeds with mistakes, and workers that die.</summary>
public sealed class WorkDrillTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await DrillGround.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_bad_feed_is_reported_row_by_row_and_nobody_sees_the_good_ones()
    {
        var drill = await _shop.DrillAsync("bad-feed", step => step.Text.Contains("once more", StringComparison.Ordinal) ? LookAsync() : Task.CompletedTask, ("rows", 80));
        Assert.Equal(DrillStatus.Passed, drill.Run.Status);
        Assert.Equal((100, 0, 0), (drill.Of(MetricTypes.FeedValidInPercent), drill.Of(MetricTypes.FeedUnreportedBadRows), drill.Of(MetricTypes.FeedSecondRunChanges)));
        Assert.True(drill.Of(MetricTypes.FeedUpsertedProducts) >= 1000);
        Assert.Equal(0L, await LeftAsync());
        Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM metric WHERE type = 'feed_run' AND metadata->>'drill_id' IS NULL"));

        async Task LookAsync()
        {
            Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM products WHERE partner_id IS NOT NULL AND drill_id IS NULL"));
            var list = await _shop.OpenAsync("/products/?sort=newest");
            Assert.DoesNotContain("Sturdy", list.Text, StringComparison.Ordinal);
            var admin = await _shop.OpenAsAdminAsync("/admin/partners");
            Assert.DoesNotContain("Drill partner", admin.Text, StringComparison.Ordinal);
            await admin.OpenAsync("/admin/feed-runs");
            Assert.DoesNotContain("Drill partner", admin.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_store_that_keeps_mistakes_to_itself_fails()
    {
        await _shop.SqlAsync("""
            CREATE FUNCTION hush() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
            CREATE TRIGGER hush BEFORE INSERT ON feed_issues FOR EACH ROW WHEN (NEW.code = 'BAD_PRICE') EXECUTE FUNCTION hush();
            """);
        var drill = await _shop.DrillAsync("bad-feed", null, ("rows", 200));
        Assert.Equal(DrillStatus.Failed, drill.Run.Status);
        Assert.True(drill.Of(MetricTypes.FeedUnreportedBadRows) > 0);
        Assert.Equal(0L, await LeftAsync());
    }

    private async Task<object?> LeftAsync() => await _shop.SqlAsync("""
        SELECT (SELECT count(*) FROM partners) + (SELECT count(*) FROM feed_runs) + (SELECT count(*) FROM feed_contents) + (SELECT count(*) FROM partner_items)
            + (SELECT count(*) FROM products WHERE drill_id IS NOT NULL OR partner_id IS NOT NULL) + (SELECT count(*) FROM outbox WHERE status = 'Waiting')
        """);

    [Fact]
    public async Task A_killed_workers_promises_are_kept_by_others_and_a_store_that_acknowledges_too_early_fails()
    {
        var drill = await _shop.DrillAsync("worker-kill", null, ("promises", 60), ("orders", 2));
        Assert.Equal(DrillStatus.Passed, drill.Run.Status);
        Assert.Equal((0, 0), (drill.Of(MetricTypes.WorkerLostPromises), drill.Of(MetricTypes.WorkerDoubledPromises)));
        Assert.InRange(drill.Of(MetricTypes.WorkerResumeSeconds), 0, 60);
        Assert.Equal("", await _shop.LeftoversAsync());

        // Closed when it is taken, not when it is kept.
        await _shop.SqlAsync("""
            CREATE FUNCTION hurry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.status := 'Done'; RETURN NEW; END $$;
            CREATE TRIGGER hurry BEFORE UPDATE ON outbox FOR EACH ROW WHEN (NEW.kind = 'drill-promise' AND NEW.leased_by IS NOT NULL) EXECUTE FUNCTION hurry();
            """);
        var broken = await _shop.DrillAsync("worker-kill", null, ("promises", 60), ("orders", 1));
        Assert.Equal(DrillStatus.Failed, broken.Run.Status);
        Assert.True(broken.Of(MetricTypes.WorkerLostPromises) > 0);
    }
}
