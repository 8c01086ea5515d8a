using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using Retail.Core.Catalog;
using Retail.Core.Common.Settings;
using Retail.Web.Infrastructure;

namespace Retail.Web.Pages;

/// <summary>What a person sees instead of a page that failed or is not there. Asks nothing of the database, which may be what
/// failed. It has no handlers, so that it answers whatever method the failed request had.</summary>
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
public sealed class ErrorModel(CatalogModel catalog, IOptions<RuntimeOptions> runtime) : PageModel
{
    /// <summary>What failed, when this page stands in for one that did.</summary>
    public Exception? Failure => HttpContext.Features.Get<IExceptionHandlerFeature>()?.Error;

    /// <summary>What failed, in full, for who develops the store.</summary>
    public string? Inside => runtime.Value.IsDebug ? Failure?.ToString() : null;

    /// <summary>The status; an address typed by hand that names none is not found.</summary>
    public int Code => Failure is { } failure ? DatabaseAway.StatusOf(failure) : RouteData.Values["code"] is string text && int.TryParse(text, out var code) && code is >= 400 and < 600 ? code : StatusCodes.Status404NotFound;

    public (string Heading, string Words) Message => Code switch
    {
        StatusCodes.Status404NotFound => ("This page is out in the rain", "The address leads nowhere, or what was here is no longer sold. Try a search, or start from all products."),
        StatusCodes.Status403Forbidden => ("This door is for others", "You are signed in, but what is here is not open to you."),
        StatusCodes.Status429TooManyRequests => ("A little slower, please", "That was tried too often in a short time. Wait a minute, then try again."),
        StatusCodes.Status503ServiceUnavailable when runtime.Value.IsMaintenance => ("We are tidying up", "The shop is closed for a short while and opens again soon. Your cart and your orders are safe."),
        StatusCodes.Status503ServiceUnavailable => ("One moment, please", "The shop can’t answer just now. Your cart is safe; please try again in a moment."),
        >= 500 => ("That did not work", "It is our fault, and it has been written down. Your cart is safe; please try again in a moment."),
        _ => ("That could not be understood", "What the browser sent is not what this page expects. Go back, load the page again and try once more."),
    };

    /// <summary>Where a second try may help: the address that failed, when this page stands in for it.</summary>
    public string? Again => Code is StatusCodes.Status404NotFound or StatusCodes.Status403Forbidden ? null
        : HttpContext.Features.Get<IExceptionHandlerPathFeature>()?.Path
            ?? (HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is { } failed ? failed.OriginalPathBase + failed.OriginalPath + failed.OriginalQueryString : null);

    /// <summary>Adorns the page.</summary>
    public PictureCard? Picture => catalog.Snapshot.Window.Featured.LastOrDefault(p => p.Pictures.Count > 0)?.Pictures[^1];
}
