using System.Globalization;
using System.Text.Json;
using Retail.Core.Catalog;
using Retail.Core.Common;

namespace Retail.Core.Inventory.Seeding;

/// <summary>Makes plausible products out of word lists, for trying the store at size. The same number always gives the same product.</summary>
internal sealed class ProductGenerator(IReadOnlyDictionary<string, Guid> shelfIds, IReadOnlyDictionary<string, string> hashes, DateTimeOffset now)
{
    /// <summary>Begins the external id of what was generated; its number follows.</summary>
    public const string Origin = "generated:";

    private static readonly Lazy<Words> OfFile = new(() =>
    {
        using var file = SeedCatalog.Open("words.json");
        return JsonSerializer.Deserialize<Words>(file, JsonSerializerOptions.Web)!;
    });

    public static IReadOnlyList<Shelf> Shelves => OfFile.Value.Shelves;

    public NewProduct Make(int number)
    {
        // Spread, because neighbouring seeds begin alike.
        var random = new Random(unchecked(number * (int)2654435761));
        var words = OfFile.Value;
        var shelf = Of(random, words.Shelves);
        var (noun, material, place) = (Of(random, shelf.Nouns), Of(random, shelf.Materials), Of(random, words.Places));
        var name = $"{Of(random, words.Moods)} {noun}";
        var pictures = shelf.Pictures.OrderBy(_ => random.Next()).Take(1 + random.Next(2))
            .Select(file => new NewPicture(Guid.CreateVersion7(now), hashes[file], $"{name}, a picture like it")).ToArray();
        var choices = Math.Min(random.Next(1, 5), shelf.Values.Length);
        var ratings = random.Next(10) < 7 ? random.Next(1, 400) : 0;
        return new()
        {
            Id = Guid.CreateVersion7(now),
            Slug = string.Create(CultureInfo.InvariantCulture, $"{Slug.Of(name)}-{number}"),
            Name = name,
            Brand = Of(random, words.BrandStarts) + Of(random, words.BrandEnds),
            CategoryId = shelfIds[shelf.Slug],
            Description = Describe(random, words, noun, material, place),
            Attributes = [new("Material", material), new("Made in", place), new("Weight", string.Create(CultureInfo.InvariantCulture, $"{random.Next(4, 200) * 10} g"))],
            OptionNames = choices > 1 ? [shelf.Option] : [],
            RatingCount = ratings,
            RatingAverage = ratings == 0 ? 0m : decimal.Round(3m + (decimal)random.NextDouble() * 2m, 2),
            ExternalId = string.Create(CultureInfo.InvariantCulture, $"{Origin}{number}"),
            PublishedAt = now.AddMinutes(-random.Next(24 * 60, 900 * 24 * 60)),
            Pictures = pictures,
            Variants = [.. Variants(random, shelf, choices, number)],
        };
    }

    private IEnumerable<NewVariant> Variants(Random random, Shelf shelf, int choices, int number)
    {
        // Low prices are more frequent than high ones.
        var price = Math.Floor((decimal)(shelf.From * Math.Pow((double)shelf.To / shelf.From, random.NextDouble()))) + Of(random, [0m, 0.5m, 0.9m, 0.95m]);
        decimal? before = random.Next(100) < 15 ? Math.Ceiling(price * 1.25m) : null;
        for (var i = 0; i < choices; i++)
        {
            var sku = string.Create(CultureInfo.InvariantCulture, $"GEN-{number:000000}-{i + 1}");
            var stock = random.Next(100) < 8 ? 0 : random.Next(1, 200);
            yield return new(Guid.CreateVersion7(now), sku, null, choices > 1 ? [shelf.Values[i]] : [], price, before, null, stock);
        }
    }

    private static string Describe(Random random, Words words, string noun, string material, string place)
    {
        var sentences = new List<string> { Of(random, words.Openings) };
        sentences.AddRange(words.Middles.OrderBy(_ => random.Next()).Take(random.Next(1, 3)));
        if (random.Next(2) == 0) sentences.Add(Of(random, words.Endings));
        return string.Join(' ', sentences.Select(Fill));

        string Fill(string sentence) => sentence
            .Replace("{noun}", noun.ToLowerInvariant(), StringComparison.Ordinal)
            .Replace("{material}", sentence.StartsWith('{') ? material : material.ToLowerInvariant(), StringComparison.Ordinal)
            .Replace("{place}", place, StringComparison.Ordinal);
    }

    private static T Of<T>(Random random, T[] words) => words[random.Next(words.Length)];

    private sealed record Words(
        string[] BrandStarts, string[] BrandEnds, string[] Moods, string[] Openings, string[] Middles, string[] Endings, string[] Places, Shelf[] Shelves);

    /// <summary>What stands on one shelf; those of our own products have their names there.</summary>
    internal sealed record Shelf(
        string Slug, string? Name, string? Description, string[] Nouns, string[] Materials, string Option, string[] Values, int From, int To, string[] Pictures);
}
