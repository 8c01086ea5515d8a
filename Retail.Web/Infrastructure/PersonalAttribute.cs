using Microsoft.AspNetCore.Mvc.Filters;

namespace Retail.Web.Infrastructure;

/// <summary>A page about one person: kept by no cache, not even the browser's, and in no search engine.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PersonalAttribute : ResultFilterAttribute
{
    public override void OnResultExecuting(ResultExecutingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var headers = context.HttpContext.Response.Headers;
        // As antiforgery tokens want them, or each form would leave a warning in the log.
        (headers.CacheControl, headers.Pragma, headers["X-Robots-Tag"]) = ("no-cache, no-store", "no-cache", "noindex");
    }
}
