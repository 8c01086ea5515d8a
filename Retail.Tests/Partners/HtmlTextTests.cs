using Retail.Core.Catalog;
using Retail.Core.Common;
using Xunit;

namespace Retail.Tests.Partners;

/// <summary>What of others' HTML is left when it is shown.</summary>
public sealed class HtmlTextTests
{
    [Theory]
    [InlineData("<p>A <b>good</b> cup</p>", "<p>A <b>good</b> cup</p>")]
    [InlineData("<p onclick=\"x()\" style=\"color:red\" class=a>Hi</p>", "<p>Hi</p>")]
    [InlineData("<script>alert(1)</script><p>Hi</p>", "<p>Hi</p>")]
    [InlineData("<p>Hi<script>alert(1)", "<p>Hi</p>")]
    [InlineData("<img src=x onerror=alert(1)>Hi", "Hi")]
    [InlineData("<a href=\"javascript:alert(1)\">Hi</a>", "Hi")]
    [InlineData("<iframe src=\"https://evil.example\">x</iframe><h1>Big</h1>", "<h3>Big</h3>")]
    [InlineData("<svg><script>alert(1)</script></svg><math><mi>x</mi></math>ok", "ok")]
    [InlineData("<p>1 &lt; 2 &amp; \"so\"</p>", "<p>1 &lt; 2 &amp; &quot;so&quot;</p>")]
    [InlineData("&lt;script&gt;alert(1)&lt;/script&gt;<br>", "&lt;script&gt;alert(1)&lt;/script&gt;<br>")]
    [InlineData("<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>Hi", "<p>Hi</p>")]
    [InlineData("<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">", "")]
    [InlineData("<div>one</div><div>two</div>", "one<br>two<br>")]
    [InlineData("<style>p{color:red}</style><ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>")]
    [InlineData("<form action=//evil.example><input name=q><button>Send</button></form>", "")]
    [InlineData("<p>a</p><!-- <script>x</script> --><p>b</p>", "<p>a</p><p>b</p>")]
    public void Only_harmless_elements_without_attributes_are_left(string html, string expected)
    {
        var safe = HtmlText.Sanitise(html);
        Assert.DoesNotContain("onerror", safe.Replace("&lt;", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(expected, safe);
        // What is safe stays as it is.
        Assert.Equal(safe, HtmlText.Sanitise(safe));
    }

    [Fact]
    public void No_depth_of_nesting_is_too_deep_for_it() =>
        Assert.DoesNotContain("<script", HtmlText.Sanitise(string.Concat(Enumerable.Repeat("<div><b>", 5000)) + "<script>x</script>"), StringComparison.Ordinal);

    [Theory]
    [InlineData("A plain text, 5 > 3", "A plain text, 5 > 3", false)]
    [InlineData("Fish &amp; chips", "Fish & chips", false)]
    [InlineData("<span>Only a span</span>", "Only a span", false)]
    [InlineData("<p>One</p>", "<p>One</p>", true)]
    [InlineData("5 < 6 and 7 > 2", "5 < 6 and 7 > 2", false)]
    public void Html_without_anything_to_keep_becomes_text(string text, string expected, bool isHtml) => Assert.Equal((expected, isHtml), DescriptionText.Of(text));

    [Fact]
    public void The_text_of_it_has_a_line_for_each_paragraph() =>
        Assert.Equal("One & two\nthree\nfour", HtmlText.ToPlain("<p>One &amp; two</p><ul><li>three</li><li>four</li></ul>"));
}
