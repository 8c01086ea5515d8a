using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Retail.Web.TagHelpers;

/// <summary>
/// A labelled input with hint and error: &lt;field for="Input.Email" label="Email" autocomplete="email" /&gt;. Whether it is required and how
/// long it may be are the model's to say. What was typed is shown again, but for properties whose [DataType] is a secret's.
/// </summary>
[HtmlTargetElement("field", TagStructure = TagStructure.WithoutEndTag)]
public sealed class FieldTagHelper : TagHelper
{
    [ViewContext, HtmlAttributeNotBound] public ViewContext ViewContext { get; set; } = null!;

    public ModelExpression For { get; set; } = null!;

    public string Label { get; set; } = "";

    public string? Hint { get; set; }

    /// <summary>half, third or two-thirds of a row; the whole row when not set.</summary>
    public string? Width { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var name = ViewContext.ViewData.TemplateInfo.GetFullHtmlFieldName(For.Name);
        var id = TagBuilder.CreateSanitizedId(name, "_");
        ViewContext.ViewData.ModelState.TryGetValue(name, out var state);
        var error = state?.Errors.FirstOrDefault()?.ErrorMessage;

        var input = new TagBuilder("input") { TagRenderMode = TagRenderMode.SelfClosing };
        input.MergeAttributes(new Dictionary<string, string?> { ["id"] = id, ["name"] = name, ["type"] = IsPassword ? "password" : "text" });
        foreach (var attribute in output.Attributes) input.MergeAttribute(attribute.Name, attribute.Value?.ToString(), replaceExisting: true);
        output.Attributes.Clear();
        if (!IsSecret) input.MergeAttribute("value", state?.AttemptedValue ?? For.Model?.ToString() ?? "");
        if (For.Metadata.IsRequired) input.MergeAttribute("required", "");
        if (For.Metadata.ValidatorMetadata.OfType<MaxLengthAttribute>().FirstOrDefault() is { } max) input.MergeAttribute("maxlength", $"{max.Length}");
        var described = string.Join(' ', new[] { Hint is null ? null : id + "-hint", error is null ? null : id + "-error" }.OfType<string>());
        if (described.Length > 0) input.MergeAttribute("aria-describedby", described);
        if (error is not null) input.MergeAttribute("aria-invalid", "true");

        var label = new TagBuilder("label");
        label.MergeAttribute("for", id);
        label.InnerHtml.Append(Label);
        if (!For.Metadata.IsRequired) label.InnerHtml.AppendHtml(" <span class=\"optional\">(optional)</span>");

        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", Width is null ? "field" : "field " + Width);
        output.Content.AppendHtml(label);
        if (Hint is not null) output.Content.AppendHtml(Note("hint", id, Hint));
        output.Content.AppendHtml(input);
        if (error is not null) output.Content.AppendHtml(Note("error", id, error));
    }

    private bool IsPassword => For.Metadata.DataTypeName == nameof(DataType.Password);

    private bool IsSecret => IsPassword || For.Metadata.DataTypeName == nameof(DataType.CreditCard);

    private static TagBuilder Note(string kind, string id, string text)
    {
        var note = new TagBuilder("span");
        note.AddCssClass(kind);
        note.MergeAttribute("id", $"{id}-{kind}");
        note.InnerHtml.Append(text);
        return note;
    }
}
