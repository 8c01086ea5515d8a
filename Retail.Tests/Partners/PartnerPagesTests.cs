using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Partners;
using Retail.Tests.Admin;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Partners;

/// <summary>Partners and their feeds in the admin area, as an admin uses it. The worker runs in the same process.</summary>
public sealed partial class PartnerPagesTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(database, worker: true);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task An_admin_makes_a_partner_gives_it_a_key_and_lets_a_held_feed_through()
    {
        var admin = await _shop.OpenAsAdminAsync("/admin/partners/new");
        await admin.SubmitAsync("Save", ("Name", ""), ("Code", "a b"), ("MarkUpPercent", "much"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, admin.Status);
        Assert.Contains("Write the mark-up as a number", admin.Text, StringComparison.Ordinal);
        await admin.SubmitAsync("Save", ("Name", "Acme Supplies"), ("Code", "acme"), ("MarkUpPercent", "10"));
        Assert.Contains("capital letters and digits", admin.Text, StringComparison.Ordinal);
        var shelf = admin.Document.QuerySelectorAll("select[name='Form.CategoryId'] option").First(o => o.TextContent == "Books").GetAttribute("value")!;
        await admin.SubmitAsync("Save", ("Code", "ACME"), ("Rounding", "NinetyNine"), ("CategoryId", shelf));
        Assert.Contains("Saved.", admin.Text, StringComparison.Ordinal);
        var page = admin.Uri.AbsolutePath;

        await admin.SubmitAsync("Make a key");
        var key = admin.Document.QuerySelector("code.secret")!.TextContent;
        Assert.Matches("^rpk_[A-Za-z0-9_-]{43}$", key);
        await admin.OpenAsync(page);
        Assert.Null(admin.Document.QuerySelector("code.secret"));
        Assert.DoesNotContain(key, admin.Document.DocumentElement.OuterHtml, StringComparison.Ordinal);

        await UploadAsync(admin, "id,title,price,product_type\n1,Ten,10,Novels\n2,Twenty,20,Novels\n3,,20,Novels\n");
        Assert.StartsWith("/admin/feed-runs/", admin.Uri.AbsolutePath, StringComparison.Ordinal);
        await UntilAsync(admin, "Done");
        Assert.Contains("MISSING_FIELD The title is missing.", admin.Text, StringComparison.Ordinal);
        using var csv = await admin.SendAsideAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_shop.BaseAddress, admin.Uri.AbsolutePath + "?handler=report")));
        Assert.Equal("text/csv", csv.Content.Headers.ContentType?.MediaType);
        Assert.Contains("4,3,rejected,MISSING_FIELD,title,The title is missing.", await csv.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal("11.99,22.99", await _shop.SqlAsync("SELECT string_agg(price_amount::text, ',' ORDER BY sku) FROM variants WHERE sku LIKE 'ACME-%'"));

        // Twice as dear: too much at once. Nothing happens until somebody has looked.
        await admin.OpenAsync(page);
        await UploadAsync(admin, "id,title,price,product_type\n1,Ten,20,Novels\n2,Twenty,40,Novels\n");
        await UntilAsync(admin, "Waits for you");
        Assert.Contains("It would change the price of 2 of 2 variants", admin.Text, StringComparison.Ordinal);
        var run = admin.Uri.AbsolutePath;
        await admin.SubmitAsync("Apply it");
        await UntilAsync(admin, "Done");
        Assert.Equal("22.99,44.99", await _shop.SqlAsync("SELECT string_agg(price_amount::text, ',' ORDER BY sku) FROM variants WHERE sku LIKE 'ACME-%'"));
        await admin.OpenAsync("/admin/feed-runs?status=done");
        Assert.Equal(2, admin.Document.QuerySelectorAll("tbody tr").Length);
        Assert.Contains(admin.Document.QuerySelectorAll("tbody a"), a => a.GetAttribute("href") == run);

        // Its category can be mapped now; the same file is then read anew.
        await admin.OpenAsync(page);
        Assert.Contains("Novels (2 rows)", admin.Text, StringComparison.Ordinal);
        var clothing = admin.Document.QuerySelectorAll("select[name='Chosen[0]'] option").First(o => o.TextContent == "Clothing").GetAttribute("value")!;
        await admin.SubmitAsync("Save categories", ("Chosen[0]", clothing));
        await UploadAsync(admin, "id,title,price,product_type\n1,Ten,20,Novels\n2,Twenty,40,Novels\n");
        Assert.NotEqual(run, admin.Uri.AbsolutePath);
        await UntilAsync(admin, "Done");
        Assert.Equal(2L, await _shop.SqlAsync("SELECT count(*) FROM products p JOIN categories c ON c.id = p.category_id WHERE c.slug = 'clothing' AND partner_id IS NOT NULL"));

        await admin.OpenAsync(page);
        await admin.SubmitAsync("Revoke rpk_");
        Assert.Contains("The key was revoked", admin.Text, StringComparison.Ordinal);
        await admin.OpenAsync(page + "?handler=sample");
        Assert.Equal("products.csv", admin.Answer!.Content.Headers.ContentDisposition?.FileName);
    }

    [Fact]
    public async Task Two_admins_never_overwrite_each_other_unseen()
    {
        var id = await FeedHost.PartnerAsync(_shop.Services, "ACME");
        var one = await _shop.OpenAsAdminAsync($"/admin/partners/{id}");
        var two = await _shop.OpenAsAdminAsync($"/admin/partners/{id}");
        await one.SubmitAsync("Save", ("Contact", "one@acme.example"));
        await two.SubmitAsync("Save", ("Contact", "two@acme.example"));
        Assert.Equal(HttpStatusCode.Conflict, two.Status);
        Assert.Contains("Somebody else changed this partner", two.Text, StringComparison.Ordinal);
        await two.SubmitAsync("Save");
        Assert.Equal("two@acme.example", await _shop.SqlAsync("SELECT contact FROM partners"));
        await two.OpenAsync("/admin/partners?q=two%40acme");
        Assert.Contains("Partner ACME", two.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edit_of_a_partner_s_html_is_made_safe_again()
    {
        await _shop.SqlAsync("INSERT INTO categories (id, slug, name, description, position) VALUES (gen_random_uuid(), 'goods', 'Goods', '', 9) ON CONFLICT DO NOTHING");
        var id = await FeedHost.PartnerAsync(_shop.Services, "ACME");
        var admin = await _shop.OpenAsAdminAsync($"/admin/partners/{id}");
        await UploadAsync(admin, "id,title,price,description\n1,Html cup,5,<p>Made of clay</p>\n");
        await UntilAsync(admin, "Done");
        await admin.OpenAsync($"/admin/products/{await _shop.SqlAsync("SELECT id FROM products WHERE name = 'Html cup'")}");
        await admin.SubmitAsync("Save", ("Description", "<p onclick=\"x()\">Made of <b>fine</b> clay</p><script>alert(1)</script>"));
        Assert.Equal("<p>Made of <b>fine</b> clay</p>", await _shop.SqlAsync("SELECT description FROM products WHERE name = 'Html cup' AND description_is_html"));
    }

    private async Task UploadAsync(Browser admin, string feed)
    {
        var form = admin.Document.QuerySelector("form[enctype='multipart/form-data']")!;
        var content = new MultipartFormDataContent { { new StringContent(form.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!), "__RequestVerificationToken" } };
        var file = new StringContent(feed);
        file.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        content.Add(file, "file", "feed.csv");
        await admin.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(_shop.BaseAddress, form.GetAttribute("action"))) { Content = content });
    }

    private static async Task UntilAsync(Browser admin, string badge)
    {
        while (admin.Document.QuerySelector(".admin-head .badge")?.TextContent != badge)
        {
            Assert.True(admin.Status == HttpStatusCode.OK, admin.Text);
            Assert.False(Over().IsMatch(admin.Document.QuerySelector(".admin-head .badge")?.TextContent ?? ""), admin.Text);
            await Task.Delay(50, Ct);
            await admin.OpenAsync(admin.Uri.AbsolutePath);
        }
    }

    [GeneratedRegex("^(Done|Failed|Not applied|Waits for you)$")]
    private static partial Regex Over();
}
