using Microsoft.AspNetCore.Mvc.Rendering;

namespace Retail.Web.Areas.Admin;

/// <summary>
/// A field of a form, for the partial _Field: label, hint, control and what is wrong with it. A control's name is the path of what it
/// binds to, its id follows from it, and so do the links of the error summary.
/// </summary>
public sealed record Field(string Name, string Label, string? Value)
{
    /// <summary>Width in the grid: half, third, two-thirds; empty for all of it.</summary>
    public string Css { get; init; } = "";

    public string? Hint { get; init; }

    /// <summary>Says "optional" beside the label.</summary>
    public bool Optional { get; init; }

    public bool Required { get; init; }

    public string Type { get; init; } = "text";

    public string? InputMode { get; init; }

    public int? MaxLength { get; init; }

    /// <summary>More than one: a text area.</summary>
    public int Rows { get; init; } = 1;

    /// <summary>Not null: a choice.</summary>
    public IReadOnlyList<(string Value, string Text)>? Options { get; init; }

    public string Id => IdOf(Name);

    public static string IdOf(string name) => TagBuilder.CreateSanitizedId(name, "_");
}

/// <summary>A checkbox of a form, for the partial _Choice.</summary>
public sealed record Choice(string Name, string Label, bool IsOn);
