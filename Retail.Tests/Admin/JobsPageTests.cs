using System.Net;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Admin;

/// <summary>The page from which an admin sees and steers what the store does later.</summary>
public sealed class JobsPageTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database, worker: true, "--Jobs:StopGrace=00:00:00.500");

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_recurring_job_is_run_now_paused_and_resumed()
    {
        var admin = await _shop.OpenAsAdminAsync("/admin/jobs");
        await admin.SubmitAsync("Run now old-carts");
        Assert.Contains("old-carts was asked for", admin.Text, StringComparison.Ordinal);
        await UntilAsync("SELECT count(*) = 1 FROM job_runs WHERE job = 'old-carts' AND status = 'Done' AND decided_by <> ''");
        await admin.OpenAsync("/admin/jobs?state=done&q=old-carts");
        Assert.Contains("Done", Row(admin, "old-carts"), StringComparison.Ordinal);
        Assert.Single(admin.Document.QuerySelectorAll("table.list:last-of-type tbody tr"));

        await admin.SubmitAsync("Pause old-carts");
        Assert.Contains("Paused", Row(admin, "old-carts"), StringComparison.Ordinal);
        await admin.SubmitAsync("Resume old-carts");
        Assert.DoesNotContain("Paused", Row(admin, "old-carts"), StringComparison.Ordinal);
        Assert.Contains("0 23 * * * ?", Row(admin, "old-carts"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_promise_is_read_requeued_and_discarded()
    {
        var id = await _shop.HasDeadWorkAsync();
        var admin = await _shop.OpenAsAdminAsync("/admin/jobs?state=dead");
        Assert.Contains("mail.example.com did not answer within 10 s.", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync($"/admin/jobs/{id}");
        Assert.Contains("It was tried 600 times", admin.Text, StringComparison.Ordinal);
        await admin.SubmitAsync("Requeue");
        Assert.Contains("It waits for a worker again", admin.Text, StringComparison.Ordinal);
        Assert.Equal("Waiting 0", await _shop.SqlAsync("SELECT status || ' ' || tries FROM outbox WHERE key = 'work-dead' AND decided_by <> ''"));
        Assert.Null(admin.Document.QuerySelector("form[action*=requeue]"));

        await _shop.SqlAsync("UPDATE outbox SET status = 'Dead' WHERE key = 'work-dead'");
        await admin.OpenAsync($"/admin/jobs/{id}");
        await admin.SubmitAsync("Discard");
        Assert.Contains("It is discarded", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync("/admin/jobs/p-0");
        Assert.Equal(HttpStatusCode.NotFound, admin.Status);
    }

    [Fact]
    public async Task Lists_are_paged_and_searched_and_count_what_is_due()
    {
        await _shop.SqlAsync("INSERT INTO outbox (kind, key, status, created_at, due_at, tries) SELECT 'of-the-tests', 'key-' || i, 'Waiting', now(), now() - interval '2 minutes', 0 FROM generate_series(1, 60) i");
        var admin = await _shop.OpenAsAdminAsync("/admin/jobs?state=waiting&page=3");
        Assert.Contains("51 to 60 of 60", admin.Text, StringComparison.Ordinal);
        Assert.Contains("60", admin.Document.QuerySelectorAll(".stat").Single(s => s.TextContent.Contains("due and waiting", StringComparison.Ordinal)).TextContent, StringComparison.Ordinal);
        await admin.OpenAsync("/admin/jobs?state=waiting&q=key-7");
        Assert.Contains("1 to 1 of 1", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync("/admin/jobs?state=none&page=99&q=%25");
        Assert.Equal(HttpStatusCode.OK, admin.Status);
    }

    private static string Row(Browser browser, string job) =>
        browser.Document.QuerySelectorAll("table[aria-labelledby=recurring] tbody tr").Single(r => r.QuerySelector("th")!.TextContent.StartsWith(job, StringComparison.Ordinal)).TextContent;

    private async Task UntilAsync(string isSo)
    {
        for (var i = 0; (bool)(await _shop.SqlAsync(isSo))! == false; i++)
        {
            Assert.True(i < 600, $"Not after half a minute: {isSo}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
