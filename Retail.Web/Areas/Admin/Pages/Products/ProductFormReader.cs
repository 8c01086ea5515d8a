using System.Globalization;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Inventory;

namespace Retail.Web.Areas.Admin.Pages.Products;

/// <summary>
/// Reads what was typed as a draft, and says beside each field what can't be read. Rows that are removed or blank are not in the draft;
/// <see cref="FieldOf"/> leads from the draft's field back to the form's.
/// </summary>
internal sealed class ProductFormReader
{
    public const string Prefix = "Form.";

    private readonly ProductForm _form;
    private readonly ModelStateDictionary _errors;
    private readonly List<PictureForm> _pictures;
    private readonly List<int> _rows = [];

    public ProductFormReader(ProductForm form, ModelStateDictionary errors)
    {
        (_form, _errors) = (form, errors);
        _pictures = [.. form.Pictures.Where(p => !p.Remove).OrderBy(p => Whole(p.Place) ?? int.MaxValue)];
        for (var i = 0; i < form.Variants.Count; i++)
            if (!form.Variants[i].Remove && !form.Variants[i].IsBlank) _rows.Add(i);
    }

    /// <summary>The draft; when <see cref="ModelStateDictionary.IsValid"/> turned false it is not to be saved.</summary>
    public async Task<ProductDraft> ReadAsync(Guid? id, PictureUploads uploads, CancellationToken ct)
    {
        var pictures = new List<PictureDraft>(_pictures.Count);
        foreach (var picture in _pictures)
            pictures.Add(new() { Id = picture.Id, File = picture.Id is null ? await uploads.FindAsync(picture.Hash ?? "", ct) : null, Alt = picture.Alt ?? "" });
        return new ProductDraft
        {
            Id = id,
            Version = _form.Version,
            Name = _form.Name ?? "",
            Slug = _form.Slug,
            Brand = _form.Brand ?? "",
            CategoryId = _form.CategoryId ?? Guid.Empty,
            Description = _form.Description ?? "",
            Attributes = ReadAttributes(),
            OptionNames = _form.Options,
            Featured = _form.Featured,
            Status = _form.Status,
            Pictures = pictures,
            Variants = [.. _rows.Select(ReadVariant)],
        };
    }

    /// <summary>The refusal with the field that the form knows it by.</summary>
    public ServiceError InForm(ServiceError error) => error with { Field = FieldOf(error.Field) };

    private string FieldOf(string field)
    {
        if (!field.StartsWith("Variants[", StringComparison.Ordinal)) return field;
        var end = field.IndexOf(']', StringComparison.Ordinal);
        var row = _rows[int.Parse(field.AsSpan(9, end - 9), NumberStyles.None, CultureInfo.InvariantCulture)];
        var rest = field[(end + 1)..];
        return $"Variants[{row}]{(rest == ".Options" ? _form.Options.Count > 0 ? ".Options[0]" : ".Sku" : rest == ".PictureIndex" ? ".Picture" : rest)}";
    }

    private VariantDraft ReadVariant(int row)
    {
        var variant = _form.Variants[row];
        var name = $"{Prefix}Variants[{row}].";
        var stock = Whole(variant.Stock);
        if (stock is null && !string.IsNullOrWhiteSpace(variant.Stock)) _errors.AddModelError(name + "Stock", "Write the stock as a whole number, such as 12.");
        return new VariantDraft
        {
            Id = variant.Id,
            Sku = variant.Sku ?? "",
            Gtin = variant.Gtin?.Trim() is { Length: > 0 } gtin ? gtin : null,
            Options = [.. variant.Options.Take(_form.Options.Count).Select(o => o?.Trim() ?? "")],
            Price = ReadAmount(variant.Price, name + "Price", "Give the variant a price, such as 12.50.") ?? 0m,
            CompareAt = ReadAmount(variant.CompareAt, name + "CompareAt", missing: null),
            Stock = stock ?? (variant.Id is null ? 0 : null),
            StockShown = variant.Id is null ? null : variant.StockShown,
            PictureIndex = Whole(variant.Picture) is { } at && at < _form.Pictures.Count && _pictures.IndexOf(_form.Pictures[at]) is >= 0 and var place ? place : null,
        };
    }

    private decimal? ReadAmount(string? typed, string name, string? missing)
    {
        if (string.IsNullOrWhiteSpace(typed))
        {
            if (missing is not null) _errors.AddModelError(name, missing);
            return null;
        }
        if (decimal.TryParse(typed.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount == decimal.Round(amount, 2)) return amount;
        _errors.AddModelError(name, "Write the amount with a point and at most two decimals, such as 12.50.");
        return null;
    }

    private List<ProductAttribute> ReadAttributes()
    {
        var attributes = new List<ProductAttribute>();
        foreach (var line in (_form.Attributes ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (line.Split(':', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } key, { Length: > 0 } value]) attributes.Add(new(key, value));
            else _errors.AddModelError(Prefix + "Attributes", $"\u201c{line}\u201d has no value. Write each fact as \u201cname: value\u201d.");
        return attributes;
    }

    private static int? Whole(string? typed) => int.TryParse(typed, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : null;
}
