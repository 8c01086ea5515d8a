using System.Net;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Xunit;

namespace Retail.Tests.Support;

/// <summary>A shopper's browser without JavaScript: keeps cookies, follows redirects, fills in the forms that are on the page.</summary>
public sealed class Browser : IDisposable
{
    private static readonly HtmlParser Parser = new(new HtmlParserOptions { IsKeepingSourceReferences = false });

    private readonly HttpClient _client;

    public Browser(Uri store)
    {
        Cookies = new CookieContainer();
        _client = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, MaxConnectionsPerServer = 100 }) { BaseAddress = store };
        Uri = store;
    }

    public CookieContainer Cookies { get; }

    public IHtmlDocument Document { get; private set; } = Parser.ParseDocument("");

    public HttpStatusCode Status { get; private set; }

    /// <summary>Where the browser is, after redirects.</summary>
    public Uri Uri { get; private set; }

    /// <summary>The last answer's headers, for what is not on the page.</summary>
    public HttpResponseMessage? Answer { get; private set; }

    /// <summary>What a person reads in the page's main part, blanks as one.</summary>
    public string Text => string.Join(' ', ((Document.QuerySelector("main") ?? Document.Body)?.TextContent ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public Task OpenAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(Uri, path)));

    /// <summary>Sends the form that has this button, with all its fields as they are on the page but for the given ones. A field may be named by its last part.</summary>
    public Task SubmitAsync(string button, params (string Field, string Value)[] fields) => SendAsync(Fill(button, fields));

    /// <summary>The request that <see cref="SubmitAsync"/> would send.</summary>
    public HttpRequestMessage Fill(string button, params (string Field, string Value)[] fields)
    {
        var pressed = Document.QuerySelectorAll("button, input[type=submit]").FirstOrDefault(b => Says(b, button))
            ?? throw new InvalidOperationException($"{Uri} ({(int)Status}) has no button \u201c{button}\u201d. It says: {Text}");
        var form = (pressed as IHtmlButtonElement)?.Form ?? (pressed as IHtmlInputElement)?.Form
            ?? throw new InvalidOperationException($"The button \u201c{button}\u201d belongs to no form.");
        var values = ValuesOf(form);
        if (pressed.GetAttribute("name") is { Length: > 0 } name) values.Add(new(name, pressed.GetAttribute("value") ?? ""));
        foreach (var (field, value) in fields)
        {
            var full = form.Elements.Select(e => e.GetAttribute("name")).FirstOrDefault(n => n is not null && (n == field || n.EndsWith("." + field, StringComparison.Ordinal)))
                ?? throw new InvalidOperationException($"The form of \u201c{button}\u201d has no field {field}.");
            values.RemoveAll(v => v.Key == full);
            values.Add(new(full, value));
        }
        var action = new Uri(Uri, pressed.GetAttribute("formaction") ?? form.GetAttribute("action") ?? Uri.PathAndQuery);
        if (string.Equals(form.Method, "post", StringComparison.OrdinalIgnoreCase))
            return new HttpRequestMessage(HttpMethod.Post, action) { Content = new FormUrlEncodedContent(values) };
        var query = string.Join('&', values.Select(v => $"{Uri.EscapeDataString(v.Key)}={Uri.EscapeDataString(v.Value)}"));
        return new HttpRequestMessage(HttpMethod.Get, new UriBuilder(action) { Query = query }.Uri);
    }

    /// <summary>Sends a request beside the page: it neither shows the answer nor moves the browser.</summary>
    public Task<HttpResponseMessage> SendAsideAsync(HttpRequestMessage request) => _client.SendAsync(request, TestContext.Current.CancellationToken);

    public async Task SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            Answer?.Dispose();
            Answer = await SendAsideAsync(request);
            Status = Answer.StatusCode;
            Uri = Answer.RequestMessage!.RequestUri!;
            Document = Parser.ParseDocument(await Answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    public void Dispose()
    {
        Answer?.Dispose();
        _client.Dispose();
    }

    private static bool Says(IElement button, string text) =>
        string.Join(' ', button.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).StartsWith(text, StringComparison.OrdinalIgnoreCase);

    private static List<KeyValuePair<string, string>> ValuesOf(IHtmlFormElement form)
    {
        var values = new List<KeyValuePair<string, string>>();
        foreach (var element in form.Elements.Where(e => !e.HasAttribute("disabled")))
        {
            if (element.GetAttribute("name") is not { Length: > 0 } name) continue;
            if (element is IHtmlInputElement { Type: "radio" or "checkbox", IsChecked: false } or IHtmlInputElement { Type: "submit" or "button" or "file" }) continue;
            if (element is IHtmlInputElement input) values.Add(new(name, input.Value ?? ""));
            else if (element is IHtmlSelectElement select) values.Add(new(name, select.Value ?? ""));
            else if (element is IHtmlTextAreaElement area) values.Add(new(name, area.Value ?? ""));
        }
        return values;
    }
}
