using System.Net;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Admin;

/// <summary>What an admin saves is what shoppers see next.</summary>
public sealed class ProductPagesTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private Shop _shop = null!;
    private Browser _admin = null!;

    public async ValueTask InitializeAsync()
    {
        _shop = await Shop.StartAsync(database);
        _admin = await _shop.OpenAsAdminAsync("/admin/products/new");
    }

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_new_product_with_two_variants_is_in_the_store_at_once()
    {
        // Without scripts: the options are named, shown in the variants, and a row is added; nothing typed is lost on the way.
        await _admin.SubmitAsync("Show in variants", ("Name", "Cedar Stool"), ("OptionNames", "Size"), ("Variants[0].Price", "not yet known"));
        await _admin.SubmitAsync("Add a variant", ("Variants[0].Sku", "CED-S"), ("Variants[0].Options[0]", "Small"));
        var shelf = (string)(await _shop.SqlAsync("SELECT id::text FROM categories WHERE slug = 'home-garden'"))!;
        await SaveAsync(("CategoryId", shelf), ("Variants[1].Sku", "CED-L"), ("Variants[1].Options[0]", "Large"), ("Variants[1].Price", "79.50"), ("Variants[1].Stock", "4"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, _admin.Status);
        Assert.Equal("not yet known", Value("Form.Variants[0].Price"));
        Assert.NotNull(_admin.Document.QuerySelector(".error-summary a[href='#Form_Variants_0__Price']"));

        await SaveAsync(("Variants[0].Price", "59"), ("Variants[0].Stock", "12"), ("Status", "Published"), ("Attributes", "Wood: cedar"));
        Assert.Contains("The store shows it now", _admin.Text, StringComparison.Ordinal);
        var shopper = await _shop.OpenAsync("/products/cedar-stool");
        Assert.Equal(HttpStatusCode.OK, shopper.Status);
        Assert.Contains("Small", shopper.Text, StringComparison.Ordinal);
        Assert.Contains("Large", shopper.Text, StringComparison.Ordinal);
        Assert.Equal(16L, await _shop.SqlAsync("SELECT sum(on_hand) FROM stock_items s JOIN variants v ON v.id = s.variant_id WHERE v.sku LIKE 'CED-%'"));
    }

    [Fact]
    public async Task A_changed_price_is_on_the_next_page_view_even_of_a_page_that_was_kept()
    {
        var shopper = await _shop.OpenAsync("/products/copperline-watering-can");
        await shopper.OpenAsync("/products/copperline-watering-can");
        Assert.Contains("$48.00", shopper.Text, StringComparison.Ordinal);
        await EditAsync("copperline-watering-can");
        await SaveAsync(("Variants[0].Price", "51.25"));
        Assert.Contains("Saved", _admin.Text, StringComparison.Ordinal);
        await shopper.OpenAsync("/products/copperline-watering-can");
        Assert.Contains("$51.25", shopper.Text, StringComparison.Ordinal);
        await shopper.OpenAsync("/products/?q=copperline");
        Assert.Contains("$51.25", shopper.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edit_of_somebody_else_meanwhile_is_told_and_nothing_typed_is_lost()
    {
        await EditAsync("tern-portable-radio");
        var second = await _shop.OpenAsAdminAsync(_admin.Uri.AbsolutePath);
        await second.SubmitAsync("Save", ("Brand", "Halden"));
        await SaveAsync(("Name", "Tern Travel Radio"), ("Attributes", "Weight: 1 kg"));
        Assert.Equal(HttpStatusCode.Conflict, _admin.Status);
        Assert.Contains("Somebody else changed this product", _admin.Text, StringComparison.Ordinal);
        Assert.Equal("Tern Travel Radio", Value("Form.Name"));
        Assert.Equal("Halden", await _shop.SqlAsync("SELECT brand FROM products WHERE slug = 'tern-portable-radio'"));

        await SaveAsync();
        Assert.Equal(HttpStatusCode.OK, _admin.Status);
        Assert.Equal("Tern Travel Radio", await _shop.SqlAsync("SELECT name FROM products WHERE slug = 'tern-portable-radio'"));
    }

    [Fact]
    public async Task Units_sold_while_the_form_was_open_stay_sold()
    {
        await EditAsync("tern-portable-radio");
        var shown = int.Parse(Value("Form.Variants[0].Stock")!, System.Globalization.CultureInfo.InvariantCulture);
        await _shop.SqlAsync("UPDATE stock_items SET on_hand = on_hand - 3 WHERE variant_id = $1::uuid", Value("Form.Variants[0].Id")!);
        await SaveAsync(("Variants[0].Stock", $"{shown + 10}"));
        Assert.Contains("Saved", _admin.Text, StringComparison.Ordinal);
        Assert.Equal(shown + 7, await _shop.SqlAsync("SELECT on_hand FROM stock_items WHERE variant_id = $1::uuid", Value("Form.Variants[0].Id")!));
    }

    [Fact]
    public async Task Unpublished_in_the_list_it_is_gone_from_the_store_and_published_it_is_back()
    {
        await _admin.OpenAsync("/admin/products?q=tern");
        await _admin.SubmitAsync("Unpublish");
        Assert.Contains("Taken off sale", _admin.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _shop.OpenAsync("/products/tern-portable-radio")).Status);
        await _admin.SubmitAsync("Publish");
        Assert.Equal("?q=tern", _admin.Uri.Query);
        Assert.Equal(HttpStatusCode.OK, (await _shop.OpenAsync("/products/tern-portable-radio")).Status);
    }

    [Fact]
    public async Task A_picture_is_kept_by_what_its_bytes_are_and_survives_a_refused_form()
    {
        await EditAsync("tern-portable-radio");
        await SendFilesAsync(("radio.png", "<svg onload='alert(1)'/>"u8.ToArray()), ("radio.txt", Png));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, _admin.Status);
        Assert.Contains("\u201cradio.png\u201d is no JPEG", _admin.Text, StringComparison.Ordinal);
        await SaveAsync();
        Assert.Contains("Saved", _admin.Text, StringComparison.Ordinal);
        Assert.Equal("image/png", await _shop.SqlAsync("SELECT c.content_type FROM product_pictures p JOIN picture_contents c ON c.hash = p.hash JOIN products x ON x.id = p.product_id WHERE x.slug = 'tern-portable-radio' ORDER BY p.position DESC LIMIT 1"));
    }

    [Fact]
    public async Task A_category_with_products_is_not_removed_and_an_empty_one_is()
    {
        await _admin.OpenAsync("/admin/categories/new");
        await _admin.SubmitAsync("Save", ("Name", "Garden tools"), ("Position", "9"));
        var shopper = await _shop.OpenAsync("/products/");
        Assert.Contains("Garden tools", shopper.Document.QuerySelector(".category-nav")!.TextContent, StringComparison.Ordinal);
        await _admin.OpenAsync($"/admin/categories/{await _shop.SqlAsync("SELECT id FROM categories WHERE slug = 'books'")}");
        await _admin.SubmitAsync("Remove this category");
        Assert.Equal(HttpStatusCode.Conflict, _admin.Status);
        Assert.Contains("2 products stand in this category", _admin.Text, StringComparison.Ordinal);
        await _admin.OpenAsync($"/admin/categories/{await _shop.SqlAsync("SELECT id FROM categories WHERE slug = 'garden-tools'")}");
        await _admin.SubmitAsync("Remove this category");
        Assert.Contains("is gone", _admin.Text, StringComparison.Ordinal);
    }

    private Task SaveAsync(params (string, string)[] fields) => _admin.SubmitAsync("Save", fields);

    private async Task EditAsync(string slug) => await _admin.OpenAsync($"/admin/products/{await _shop.SqlAsync("SELECT id FROM products WHERE slug = $1", slug)}");

    private string? Value(string name) => _admin.Document.QuerySelector($"[name='{name}']")?.GetAttribute("value");

    private async Task SendFilesAsync(params (string Name, byte[] Bytes)[] files)
    {
        var typed = _admin.Fill("Save");
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in System.Web.HttpUtility.ParseQueryString(await typed.Content!.ReadAsStringAsync(TestContext.Current.CancellationToken)) is var query ? query.AllKeys.Select(k => (k!, query[k]!)) : [])
            form.Add(new StringContent(value), name);
        foreach (var (name, bytes) in files) form.Add(new ByteArrayContent(bytes), "files", name);
        typed.Content = form;
        await _admin.SendAsync(typed);
    }
}
