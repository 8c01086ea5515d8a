using System.Net;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Retail.Core.Common;
using Retail.Core.Notifications.Templates;

namespace Retail.Core.Notifications;

/// <summary>Turns a template into a mail's two parts: HTML, and plain text from the same component.</summary>
public sealed class MailRenderer(IServiceProvider services, ILoggerFactory loggers, IOptions<StoreOptions> store)
{
    /// <summary>Renders both parts.</summary>
    /// <param name="subject">The mail's subject.</param>
    /// <param name="parameters">The template's own.</param>
    public async Task<(string Html, string Text)> RenderAsync<TTemplate>(string subject, Dictionary<string, object?> parameters) where TTemplate : MailTemplate
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var frame = new MailFrame { Subject = subject, StoreName = store.Value.Name, PublicUrl = store.Value.PublicUrl.TrimEnd('/') };
        await using var renderer = new HtmlRenderer(services, loggers);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var html = await RenderAsync<TTemplate>(renderer, parameters, frame);
            var text = await RenderAsync<TTemplate>(renderer, parameters, frame with { AsText = true });
            return (html, Plain(text));
        });
    }

    private static async Task<string> RenderAsync<TTemplate>(HtmlRenderer renderer, Dictionary<string, object?> parameters, MailFrame frame) where TTemplate : MailTemplate
    {
        var all = new Dictionary<string, object?>(parameters) { [nameof(MailTemplate.Frame)] = frame };
        return (await renderer.RenderComponentAsync<TTemplate>(ParameterView.FromDictionary(all))).ToHtmlString();
    }

    // What the components wrote is HTML without tags: blanks mean nothing, and lines and paragraphs are marks.
    private static string Plain(string rendered)
    {
        var words = string.Join(' ', WebUtility.HtmlDecode(rendered).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var paragraphs = words.Split(MailFrame.Paragraph, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(paragraph => string.Join('\n', paragraph.Split(MailFrame.Line, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));
        return string.Join("\n\n", paragraphs) + "\n";
    }
}
