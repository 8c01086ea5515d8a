using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Data;
using Retail.Web.Infrastructure;

namespace Retail.Web.Api;

/// <summary>Pictures, from the database, named by their content: a browser asks for each once.</summary>
public static class MediaEndpoint
{
    public static IEndpointRouteBuilder MapMedia(this IEndpointRouteBuilder app)
    {
        app.MapGet("/media/{hash:regex(^[0-9a-f]{{32}}$)}.{extension}", GetAsync).CacheOutput(PageCache.Media).ExcludeFromDescription();
        return app;
    }

    private static async Task<Results<FileContentHttpResult, NotFound>> GetAsync(string hash, HttpResponse response, RetailDbContext db, CancellationToken ct)
    {
        if (await db.PictureContents.AsNoTracking().SingleOrDefaultAsync(p => p.Hash == hash, ct) is not { } picture) return TypedResults.NotFound();
        response.Headers.CacheControl = "public, max-age=31536000, immutable";
        // An SVG opened on its own must not run anything.
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        return TypedResults.File(picture.Bytes, picture.ContentType);
    }
}
