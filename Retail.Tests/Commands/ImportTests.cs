using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Commands;

public sealed class ImportTests(TestDatabase database)
{
    [Fact]
    public async Task Rows_of_json_that_can_t_be_used_are_named_by_line_and_all_others_go_in()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        var file = retail.HasFile("products.json", $$"""
            [
              { "Id": 1, "Name": "Cup", "Price": 9.5, "Brand": "Clay & Co", "Type": "Mugs", "Attributes": { "Holds": "0.3 l" }, "Weight": 3 },
              { "id": 2, "price": 5 },
              {
                "id": 3,
                "name": "Plate",
                "price": "cheap"
              },
              { "id": 1, "name": "Cup again", "price": 1 },
              { "id": 5, "name": "Bowl", "price": 7, "gtin": "4006381333932" },
              { "id": 6, "name": "{{new string('x', 151)}}", "price": 7 },
              "seven", { "name": "Nobody", "price": 7 },
              { "id": 8, "NAME": "Jug", "price": "12.50", "compare_at_price": 15, "stock": 3, "gtin": "4006381333931", "category": "mugs", "sku": "JUG" },
              { "id": 9, "name": "Half \ud800", "price": 1 },
              { "id": 10, "name": "Zero \u0000", "price": 1 },
              { "id": 11, "name": "Minus", "price": -1 },
              { "id": 12, "name": "Other jug", "price": 1, "sku": "JUG" },
              { "id": 13, "name": "Some", "price": 1, "stock": "some" }
            ]
            """);
        var answer = await retail.RunAsync("import-products", file);
        Assert.Equal("""
            2 new, 0 changed, 0 unchanged, 12 rejected.
              line 3: missing name
              line 4: the price cheap is no number such as 12.50
              line 9: the id 1 stands in line 2 already
              line 10: 4006381333932 is no GTIN. Check its digits: 8, 12, 13 or 14, the last of which checks the others.
              line 11: Shorten the name to 150 characters.
              line 12: not an object
              line 12: missing id
              line 14: half of a character (an unpaired surrogate) in its text
              line 15: a NUL character in its text
              line 16: Write a price from 0 to 1000000.
              line 17: Another product has the SKU JUG. Choose one that no other has.
              line 18: the stock some is no whole number
            Fields that were not used: weight.

            """, answer.Output);
        Assert.Equal((0, ""), (answer.ExitCode, answer.Errors));
        Assert.Equal("Cup|Clay & Co|Mugs|9.50|100,Jug||Mugs|12.50|3", await retail.QueryAsync("""
            SELECT string_agg(concat_ws('|', p.name, p.brand, c.name, v.price_amount, s.on_hand), ',' ORDER BY p.name)
            FROM products p JOIN categories c ON c.id = p.category_id JOIN variants v ON v.product_id = p.id JOIN stock_items s ON s.variant_id = v.id WHERE p.status = 'Published'
            """));
        Assert.StartsWith("0 new, 0 changed, 2 unchanged, 12 rejected.", (await retail.RunAsync("import-products", file)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_with_any_separator_a_bom_and_values_over_several_lines_is_read()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        var file = retail.HasFile("products.csv", "\ufeffId;Name;Description;Price;Brand;Type;Attributes\r\n"
            + "a;Cup;\"First line\r\nsecond; line\";4.20;Clay;Mugs;\"Holds: 0.3 l; Colour: sand\"\r\n"
            + "b;Short;row\r\n"
            + "\r\n"
            + "c;Pipe 5\" wide;;8;;;\r\n"
            + "d;\"Broken\" text;;8;;;\r\n"
            + "e;Late;;4,20;;;\r\n"
            + "f;Open;\"never closed;1;;;\r\n");
        var dry = await retail.RunAsync("import-products", file, "--dry-run");
        Assert.StartsWith("A dry run, nothing was changed: 2 new, 0 already there, 4 rejected.", dry.Output, StringComparison.Ordinal);
        Assert.Equal("0", await retail.QueryAsync("SELECT (SELECT count(*) FROM products) + (SELECT count(*) FROM categories)"));

        var answer = await retail.RunAsync("import-products", file, "--stock", "7");
        Assert.Equal("""
            2 new, 0 changed, 0 unchanged, 4 rejected.
              line 4: 3 values where the header has 7 columns
              line 7: text after a closing quotation mark
              line 8: the price 4,20 is no number such as 12.50
              line 9: a quotation mark that is never closed, so the rest of the file was not read

            """, answer.Output);
        Assert.Equal("First line\nsecond; line", await retail.QueryAsync("SELECT description FROM products WHERE name = 'Cup'"));
        Assert.Equal("Other 7", await retail.QueryAsync("SELECT c.name || ' ' || s.on_hand FROM products p JOIN categories c ON c.id = p.category_id JOIN variants v ON v.product_id = p.id JOIN stock_items s ON s.variant_id = v.id WHERE p.name = 'Pipe 5\" wide'"));
    }

    [Fact]
    public async Task A_second_import_changes_what_the_file_speaks_of_and_keeps_the_rest()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        await retail.RunAsync("import-products", retail.HasFile("one.json", """[{ "id": 1, "name": "Cup", "price": 5, "brand": "Clay", "stock": 9 }]"""));
        await retail.QueryAsync("UPDATE products SET featured = true, status = 'Draft'");
        await retail.QueryAsync("UPDATE stock_items SET on_hand = 4");
        var answer = await retail.RunAsync("import-products", retail.HasFile("two.json", """[{ "id": 1, "name": "Cup", "price": 6 }, { "id": 2, "name": "Cup", "price": 6 }]"""));
        Assert.Equal("1 new, 1 changed, 0 unchanged.\n", answer.Output);
        Assert.Equal("Clay true Draft 6.00 4", await retail.QueryAsync("SELECT concat_ws(' ', brand, featured::text, status, price_amount, on_hand) FROM products p JOIN variants v ON v.product_id = p.id JOIN stock_items s ON s.variant_id = v.id WHERE external_id = 'import:1'"));
        Assert.Equal("cup,cup-2", await retail.QueryAsync("SELECT string_agg(slug, ',' ORDER BY slug) FROM products"));
    }

    [Fact]
    public async Task Pictures_are_known_by_their_bytes_and_a_bad_one_keeps_no_product_out()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        var pictures = Directory.CreateDirectory(Path.Combine(retail.Folder, "pictures")).FullName;
        byte[] png = [0x89, .. "PNG\r\n\u001a\n"u8, 1, 2, 3];
        await File.WriteAllBytesAsync(Path.Combine(pictures, "1.jpg"), png, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(pictures, "2.webp"), "<html>", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(retail.Folder, "outside.png"), png, TestContext.Current.CancellationToken);
        var file = retail.HasFile("p.json", """[{ "id": 1, "name": "A", "price": 1 }, { "id": 2, "name": "B", "price": 1 }, { "id": 3, "name": "C", "price": 1, "image": "../outside.png" }]""");
        var answer = await retail.RunAsync("import-products", file, "--pictures", pictures);
        Assert.Equal("""
            3 new, 0 changed, 0 unchanged.
            2 without their picture:
              line 1: 2.webp is no WebP, AVIF, JPEG or PNG picture
              line 1: no picture outside.png in the folder

            """, answer.Output);
        Assert.Equal("A image/png", await retail.QueryAsync("SELECT string_agg(p.name || ' ' || c.content_type, ',') FROM products p JOIN product_pictures i ON i.product_id = p.id JOIN picture_contents c ON c.hash = i.hash"));
    }

    [Theory]
    [InlineData("", "it is neither a JSON array nor CSV")]
    [InlineData("sku,price\nx,1\n", "it is neither a JSON array nor CSV")]
    [InlineData("{ \"products\": [] }", "it holds no array of objects")]
    [InlineData("[ nonsense", "not JSON from here on")]
    public async Task A_file_that_can_t_be_read_at_all_is_one_sentence(string text, string reason)
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        var answer = await retail.RunAsync("import-products", retail.HasFile("file", text));
        Assert.Equal((1, ""), (answer.ExitCode, answer.Output));
        Assert.Contains($"can't be read: line 1: {reason}", answer.Errors, StringComparison.Ordinal);
        Assert.Contains("There is no file", (await retail.RunAsync("import-products", retail.Folder + "/none.csv")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_catalogue_of_101_products_comes_in_whole_and_a_second_time_changes_nothing()
    {
        var data = Path.GetFullPath(Path.Combine(RepositoryRoot(), "../shared/data/eshop"));
        Assert.SkipUnless(File.Exists(Path.Combine(data, "catalog.json")), $"The real catalogue is not at {data}.");
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        string[] import = ["import-products", Path.Combine(data, "catalog.json"), "--pictures", Path.Combine(data, "pics")];
        Assert.Equal("101 new, 0 changed, 0 unchanged.\n", (await retail.RunAsync(import)).Output);
        Assert.Equal("101", await retail.QueryAsync("SELECT count(DISTINCT p.id) FROM products p JOIN product_pictures i ON i.product_id = p.id JOIN picture_contents c ON c.hash = i.hash WHERE c.content_type = 'image/webp' AND p.brand <> '' AND p.status = 'Published'"));
        Assert.Equal("0 new, 0 changed, 101 unchanged.\n", (await retail.RunAsync(import)).Output);
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Retail.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
