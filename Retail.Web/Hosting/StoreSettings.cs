using Retail.Core.Accounts;
using Retail.Core.Common.Settings;
using Retail.Core.Data;

namespace Retail.Web.Hosting;

/// <summary>What the settings say before there is a store, and what production refuses to start with.</summary>
public static class StoreSettings
{
    /// <summary>All classes of settings, of pages and worker, without a database.</summary>
    public static IReadOnlyList<SettingsSection> Sections() => StoreHost.Compose([], "Host=nowhere", embedded: true).Services.SettingsSections();

    /// <summary>The settings as the store would read them.</summary>
    /// <param name="environment">Of which environment; null for the one that the variables name.</param>
    /// <param name="args">Settings from the command line.</param>
    public static IConfiguration Read(string? environment = null, params string[] args) => WebApplication.CreateSlimBuilder(new WebApplicationOptions
    {
        Args = args,
        ContentRootPath = AppContext.BaseDirectory,
        EnvironmentName = environment ?? StoreHost.EnvironmentName(StoreDatabase.WillBeEmbedded),
    }).Configuration;

    /// <summary>In production, stops a start while an admin has the password that everybody knows.</summary>
    public static async Task RefuseDefaultPasswordAsync(WebApplication app, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (!app.Environment.IsProduction()) return;
        await using var scope = app.Services.CreateAsyncScope();
        if (await scope.ServiceProvider.GetRequiredService<AccountService>().FindAdminWithPasswordAsync(FirstStart.AdminPassword, ct) is not { } admin) return;
        throw new StartupException($"The admin '{admin}' still has the password that everybody knows: run `create-admin --username {admin} --reset-password --password '...'` with one of your own.");
    }
}
