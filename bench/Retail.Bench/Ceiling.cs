namespace Retail.Bench;

/// <summary>What this machine can send at best: the same bytes from a Kestrel that does nothing else.</summary>
internal static class Ceiling
{
    public static async Task<int> RunAsync(string port, string folder)
    {
        var files = Directory.GetFiles(folder).ToDictionary(file => "/" + Path.GetFileName(file), File.ReadAllBytes);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.Run(async context =>
        {
            if (!files.TryGetValue(context.Request.Path, out var bytes))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
            context.Response.ContentType = "text/html; charset=utf-8";
            if (context.Request.Path.Value!.EndsWith(".br", StringComparison.Ordinal)) context.Response.Headers.ContentEncoding = "br";
            context.Response.ContentLength = bytes.Length;
            await context.Response.Body.WriteAsync(bytes);
        });
        await app.RunAsync();
        return 0;
    }
}
