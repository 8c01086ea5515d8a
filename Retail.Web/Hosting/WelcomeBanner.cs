using Microsoft.Extensions.Options;
using Retail.Core.Accounts;
using Retail.Core.Common.Logs;

namespace Retail.Web.Hosting;

/// <summary>What a person reads at the terminal once the store listens.</summary>
internal static class WelcomeBanner
{
    public static async Task PrintAsync(WebApplication app, StoreDatabase database)
    {
        // A container's output is read by programs: JSON lines alone.
        if (Console.IsOutputRedirected && !database.IsEmbedded) return;
        var address = (app.Urls.FirstOrDefault() ?? StoreHost.DefaultUrl)
            .Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal).TrimEnd('/');
        await using var scope = app.Services.CreateAsyncScope();
        var wellKnown = await scope.ServiceProvider.GetRequiredService<AccountService>().HasPasswordAsync(FirstStart.AdminName, FirstStart.AdminPassword);
        var logs = app.Services.GetRequiredService<IOptions<LogsOptions>>().Value;
        await Console.Out.WriteLineAsync($"""

              Retail is open:   {address}
              Admin area:       {address}/admin/{(wellKnown ? $"   (sign in as {FirstStart.AdminName} / {FirstStart.AdminPassword} and change that password)" : "")}
              Data:             {(database.IsEmbedded ? Path.GetFullPath(StoreDatabase.DataFolder) : "the database that DATABASE_URL names")}
              Logs:             {Path.GetFullPath(Path.Combine(logs.Folder, logs.File))}
              Ctrl-C stops the store.

            """);
    }
}
