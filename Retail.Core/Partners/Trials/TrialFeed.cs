using System.Globalization;
using System.Text;
using Retail.Core.Partners.Runs;

namespace Retail.Core.Partners.Trials;

/// <summary>A row that was made wrong on purpose.</summary>
/// <param name="Line">Where it is in the file.</param>
/// <param name="Code">What must be reported of it.</param>
public sealed record PlantedDefect(int Line, string Code);

/// <summary>
/// Writes feeds to try the import with: as many rows as wanted, products with one to five variants, and defects planted at known lines.
/// The same numbers always give the same file, in the format "csv" with the prices in USD.
/// </summary>
/// <param name="rows">Rows beneath the header.</param>
/// <param name="defectEvery">Each so many rows one is wrong; 0 for none.</param>
/// <param name="prefix">Begins the ids, so that several feeds do not meet.</param>
public sealed class TrialFeed(int rows, int defectEvery, string prefix = "T")
{
    private static readonly string[] Codes =
    [
        FeedCodes.MissingField, FeedCodes.BadPrice, FeedCodes.BadCurrency, FeedCodes.BadGtin, FeedCodes.TooLong, FeedCodes.DuplicateId, FeedCodes.BadUrl, FeedCodes.UnknownAvailability,
    ];

    private static readonly string[] Nouns = ["Lamp", "Kettle", "Jacket", "Notebook", "Chair", "Speaker", "Backpack", "Bowl"], Moods = ["Quiet", "Bright", "Sturdy", "Plain", "Northern", "Folding"];
    private static readonly string[] Colours = ["black", "white", "red", "green", "blue"];

    private readonly List<PlantedDefect> _planted = [];

    /// <summary>What was planted by the last <see cref="WriteAsync"/>.</summary>
    public IReadOnlyList<PlantedDefect> Planted => _planted;

    /// <summary>Writes the file as UTF-8.</summary>
    /// <param name="to">Where; stays open.</param>
    /// <param name="priceFactor">Multiplies all prices, for a second file that differs.</param>
    /// <param name="ct">Stops the writing.</param>
    public async Task WriteAsync(Stream to, decimal priceFactor, CancellationToken ct)
    {
        _planted.Clear();
        await using var text = new StreamWriter(to, new UTF8Encoding(false), 64 * 1024, leaveOpen: true) { NewLine = "\n" };
        await text.WriteLineAsync("id,item_group_id,title,description,link,image_link,availability,quantity,price,gtin,brand,product_type,color");
        for (var i = 1; i <= rows; i++)
        {
            if (i % 5_000 == 0) ct.ThrowIfCancellationRequested();
            var defect = defectEvery > 0 && i % defectEvery == 0 ? Codes[i / defectEvery % Codes.Length] : null;
            // The header is line 1, and no value has a line break.
            if (defect is not null) _planted.Add(new(i + 1, defect));
            await text.WriteLineAsync(Row(i, defect, priceFactor));
        }
    }

    private string Row(int i, string? defect, decimal priceFactor)
    {
        // Each tenth product has five variants.
        var (group, member) = (i / 5, i % 5);
        var inGroup = group % 10 == 0;
        var number = inGroup ? group * 5 : i;
        var title = defect == FeedCodes.MissingField ? "" : $"{Moods[number % Moods.Length]} {Nouns[number / 7 % Nouns.Length]} {number}";
        if (defect == FeedCodes.TooLong) title = new string('x', 200);
        var id = defect == FeedCodes.DuplicateId ? $"{prefix}{First(i)}" : $"{prefix}{i}";
        var price = string.Create(CultureInfo.InvariantCulture, $"{(5 + number % 200 + 0.9m) * priceFactor:0.00}");
        var body = number % 3 == 0 ? $"<p>A {title} for every day.</p><ul><li>Weighs {number % 900} g</li><li>Made to last</li></ul>" : $"A {title} for every day: weighs {number % 900} g and is made to last. {Filler(number)}";
        return string.Join(',',
            id, inGroup ? $"{prefix}G{group}" : "", title, body.Contains(',', StringComparison.Ordinal) ? $"\"{body}\"" : body,
            defect == FeedCodes.BadUrl ? "partner.example/no-scheme" : $"https://partner.example/p/{i}", "", defect == FeedCodes.UnknownAvailability ? "perhaps" : "in_stock", (number % 90 + 1).ToString(CultureInfo.InvariantCulture),
            defect == FeedCodes.BadPrice ? "cheap" : defect == FeedCodes.BadCurrency ? price + " XTS" : price + " USD", defect == FeedCodes.BadGtin ? "4006381333932" : "", $"Brand {number % 40}", "Trial goods",
            inGroup ? Colours[member] : "");
    }

    // A row before this one that is a good one.
    private int First(int i) => defectEvery == 1 ? i : Math.Max(1, i - 1);

    private static string Filler(int number) => string.Concat(Enumerable.Repeat("It is what it says it is and goes well with the others of its kind. ", 1 + number % 4)).TrimEnd();
}
