using Microsoft.AspNetCore.Components;
using Retail.Core.Orders;

namespace Retail.Core.Notifications.Templates;

/// <summary>What every part of a mail knows.</summary>
public sealed record MailFrame
{
    /// <summary>Stands before a paragraph of the plain text.</summary>
    public const char Paragraph = '\uE000';

    /// <summary>Stands before a line of the plain text.</summary>
    public const char Line = '\uE001';

    /// <summary>The mail's subject.</summary>
    public required string Subject { get; init; }

    /// <summary>What the store is called.</summary>
    public required string StoreName { get; init; }

    /// <summary>Where it is, without a slash at the end.</summary>
    public required string PublicUrl { get; init; }

    /// <summary>The plain text is being made, not the HTML.</summary>
    public bool AsText { get; init; }

    /// <summary>A mail is read anywhere, so that its links are whole.</summary>
    public string Link(string path) => PublicUrl + path;
}

/// <summary>A mail's template: one component, rendered twice.</summary>
public abstract class MailTemplate : ComponentBase
{
    /// <summary>What every part knows.</summary>
    [Parameter, EditorRequired] public MailFrame Frame { get; set; } = null!;
}

/// <summary>A mail about an order.</summary>
public abstract class OrderTemplate : MailTemplate
{
    /// <summary>The order.</summary>
    [Parameter, EditorRequired] public OrderView Order { get; set; } = null!;

    /// <summary>How it is sent, in words.</summary>
    [Parameter] public string Method { get; set; } = "";
}
