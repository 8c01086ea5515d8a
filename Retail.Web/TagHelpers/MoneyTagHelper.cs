using Microsoft.AspNetCore.Razor.TagHelpers;
using Retail.Core.Common;

namespace Retail.Web.TagHelpers;

/// <summary>Shows an amount: &lt;money value="Model.Total" /&gt;.</summary>
[HtmlTargetElement("money", TagStructure = TagStructure.WithoutEndTag)]
public sealed class MoneyTagHelper : TagHelper
{
    public Money Value { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = null;
        output.Content.SetContent(PriceText.Of(Value));
    }
}
