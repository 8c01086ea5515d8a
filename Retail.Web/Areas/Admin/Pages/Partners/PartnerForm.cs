using System.Globalization;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Retail.Core.Partners;

namespace Retail.Web.Areas.Admin.Pages.Partners;

/// <summary>What was typed about a partner, as it was typed.</summary>
public sealed class PartnerForm
{
    public long? Seen { get; set; }

    public string? Name { get; set; }

    public string? Code { get; set; }

    public string? Contact { get; set; }

    public string? Format { get; set; }

    public string? Currency { get; set; }

    public string? Schedule { get; set; } = nameof(FeedSchedule.Manual);

    public string? Source { get; set; }

    public string? ExchangeRate { get; set; } = "1";

    public string? MarkUpPercent { get; set; } = "0";

    public string? Rounding { get; set; } = nameof(PriceRounding.Cents);

    public bool MayChangePrice { get; set; } = true;

    public bool MayChangeStock { get; set; } = true;

    public bool MayAddProducts { get; set; } = true;

    public string? CategoryId { get; set; }

    public string? DefaultStock { get; set; } = "10";

    public string? SafetyPercent { get; set; } = Partner.DefaultSafetyPercent.ToString(CultureInfo.InvariantCulture);

    public bool IsActive { get; set; } = true;

    public static PartnerForm Of(Partner partner)
    {
        ArgumentNullException.ThrowIfNull(partner);
        return new()
        {
            Seen = partner.UpdatedAt.UtcTicks,
            Name = partner.Name,
            Contact = partner.Contact,
            Format = partner.Format,
            Currency = partner.Currency,
            Schedule = partner.Schedule.ToString(),
            Source = partner.Source,
            ExchangeRate = partner.PriceRule.ExchangeRate.ToString("0.######", CultureInfo.InvariantCulture),
            MarkUpPercent = partner.PriceRule.MarkUpPercent.ToString("0.##", CultureInfo.InvariantCulture),
            Rounding = partner.PriceRule.Rounding.ToString(),
            MayChangePrice = partner.MayChangePrice,
            MayChangeStock = partner.MayChangeStock,
            MayAddProducts = partner.MayAddProducts,
            CategoryId = partner.CategoryId?.ToString(),
            DefaultStock = partner.DefaultStock.ToString(CultureInfo.InvariantCulture),
            SafetyPercent = partner.SafetyPercent.ToString(CultureInfo.InvariantCulture),
            IsActive = partner.IsActive,
        };
    }

    /// <summary>The draft; null when a field can't be read, which is then said in the page's state.</summary>
    public PartnerDraft? Read(ModelStateDictionary state, Partner? saved)
    {
        ArgumentNullException.ThrowIfNull(state);
        var rate = Number(state, nameof(ExchangeRate), ExchangeRate, "Write the exchange rate as a number, such as 1.08.");
        var markUp = Number(state, nameof(MarkUpPercent), MarkUpPercent, "Write the mark-up as a number, such as 12.5.");
        var stock = (int)Math.Clamp(decimal.Truncate(Number(state, nameof(DefaultStock), DefaultStock, "Write the units as a whole number, such as 10.")), int.MinValue, int.MaxValue);
        var safety = (int)Math.Clamp(decimal.Truncate(Number(state, nameof(SafetyPercent), SafetyPercent, "Write the share as a whole number, such as 30.")), int.MinValue, int.MaxValue);
        return !state.IsValid ? null : new PartnerDraft
        {
            Id = saved?.Id,
            Seen = Seen is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null,
            Name = Name ?? "",
            Code = Code ?? "",
            Contact = Contact ?? "",
            Format = Format ?? "",
            Currency = (Currency ?? "").Trim().ToUpperInvariant(),
            Schedule = Enum.TryParse<FeedSchedule>(Schedule, out var schedule) && Enum.IsDefined(schedule) ? schedule : FeedSchedule.Manual,
            Source = Source ?? "",
            PriceRule = new() { ExchangeRate = rate, MarkUpPercent = markUp, Rounding = Enum.TryParse<PriceRounding>(Rounding, out var rounding) && Enum.IsDefined(rounding) ? rounding : PriceRounding.Cents },
            MayChangePrice = MayChangePrice,
            MayChangeStock = MayChangeStock,
            MayAddProducts = MayAddProducts,
            CategoryId = Guid.TryParse(CategoryId, out var shelf) ? shelf : null,
            DefaultStock = stock,
            SafetyPercent = safety,
            IsActive = IsActive,
        };
    }

    private static decimal Number(ModelStateDictionary state, string field, string? text, string message)
    {
        if (decimal.TryParse(text?.Trim(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        state.AddModelError("Form." + field, message);
        return 0;
    }
}
