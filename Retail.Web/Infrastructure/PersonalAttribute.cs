using Microsoft.AspNetCore.Mvc.Filters;

namespace Retail.Web.Infrastructure;

/// <summary>A page about one person: kept by no cache, not even the browser's, and in no search engine.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PersonalAttribute : ResultFilterAttribute
{
    public override void OnResultExecuting(ResultExecutingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.HttpContext.Response.Headers.CacheControl = "no-store";
        context.HttpContext.Response.Headers["X-Robots-Tag"] = "noindex";
    }
}
