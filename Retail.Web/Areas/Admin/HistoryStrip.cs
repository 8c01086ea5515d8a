using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Html;
using Retail.Core.Quality.Scenarios;

namespace Retail.Web.Areas.Admin;

/// <summary>A scenario's history as a picture: shape says the verdict as well as colour does. A gap is a time in which nobody looked.</summary>
public static class HistoryStrip
{
    private const double Width = 700, Height = 24, Narrowest = 4;

    public static HtmlString Draw(string scenario, IReadOnlyList<VerdictSpan> history, DateTimeOffset since, DateTimeOffset now)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg class=\"strip\" viewBox=\"0 0 {Width} {Height}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{scenario}: {Words(history, since, now)}\">");
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"ground\" x=\"0\" y=\"11.5\" width=\"{Width}\" height=\"1\"/>");
        // What is short and red is drawn last, and never too narrow to be seen.
        foreach (var span in history.Where(s => s.To >= since).OrderBy(s => s.Status == VerdictStatus.Fail))
        {
            var from = X(span.From < since ? since : span.From);
            var width = Math.Max(X(span.To) - from, span.Status == VerdictStatus.Fail ? Narrowest : 2);
            var (css, y, height) = span.Status switch
            {
                VerdictStatus.Pass => ("pass", 6, 12),
                VerdictStatus.Fail => ("fail", 0, 24),
                VerdictStatus.Stale => ("stale", 10, 8),
                _ => ("unproven", 10, 4),
            };
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{css}\" x=\"{Math.Min(from, Width - width):0.##}\" y=\"{y}\" width=\"{width:0.##}\" height=\"{height}\"/>");
        }
        for (var day = new DateTimeOffset(since.UtcDateTime.Date.AddDays(1), TimeSpan.Zero); day < now; day = day.AddDays(1))
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"day\" x=\"{X(day):0.##}\" y=\"0\" width=\"1\" height=\"{Height}\"/>");
        return new(svg.Append("</svg>").ToString());

        double X(DateTimeOffset at) => Math.Clamp((at - since) / (now - since), 0, 1) * Width;
    }

    /// <summary>The same for those who don't see it.</summary>
    public static string Words(IReadOnlyList<VerdictSpan> history, DateTimeOffset since, DateTimeOffset now)
    {
        var all = (now - since).TotalSeconds;
        var shares = Enum.GetValues<VerdictStatus>()
            .Select(status => (Status: status, Share: history.Where(s => s.Status == status).Sum(s => (s.To - (s.From < since ? since : s.From)).TotalSeconds) / all))
            .Where(s => history.Any(h => h.Status == s.Status))
            .Select(s => $"{s.Status.Word()} {(s.Share < 0.01 ? "less than 1" : Math.Round(100 * s.Share).ToString(CultureInfo.InvariantCulture))} % of the time")
            .ToList();
        return shares.Count == 0 ? "nobody has looked in the last 7 days" : $"in the last 7 days {string.Join(", ", shares)}";
    }
}
