using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Retail.Core;
using Retail.Core.Catalog;
using Retail.Core.Common.Settings;
using Retail.Core.Data;
using Retail.Core.Jobs;
using Retail.Core.Metrics.Sampling;
using Retail.Core.Orders;
using Retail.Core.Payments.Gateway;
using Retail.Core.Quality.Drills;
using Retail.Core.Quality.Replay;
using Retail.Web.Api;
using Retail.Web.GatewaySimulator;
using Retail.Web.Infrastructure;

namespace Retail.Web.Hosting;

/// <summary>The store as a web application: what it is made of and in which order a request passes through it.</summary>
public static partial class StoreHost
{
    public const string DefaultUrl = "http://localhost:8000";

    /// <summary>With a database of its own the store is somebody's first look, not a shop in production.</summary>
    public static string EnvironmentName(bool embedded) =>
        Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
            ?? (embedded ? Environments.Development : Environments.Production);

    /// <summary>Builds the store on a database that is there and migrated.</summary>
    /// <param name="args">Settings from the command line, such as --urls.</param>
    /// <param name="connectionString">The database.</param>
    /// <param name="embedded">The database is the store's own: the worker runs in this process too.</param>
    public static WebApplication Build(string[] args, string connectionString, bool embedded) => Use(Compose(args, connectionString, embedded).Build());

    /// <summary>What the store is made of.</summary>
    internal static WebApplicationBuilder Compose(string[] args, string connectionString, bool embedded)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            // Pages are looked for in this assembly, whichever program starts the store.
            ApplicationName = typeof(StoreHost).Assembly.GetName().Name,
            EnvironmentName = EnvironmentName(embedded),
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseStaticWebAssets();
        if (builder.Configuration["urls"] is null) builder.WebHost.UseUrls(DefaultUrl);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Host.UseDefaultServiceProvider(options => options.ValidateScopes = options.ValidateOnBuild = true);
        builder.Services.AddSingleton(new NodeRole("web", Worker: embedded));
        builder.AddRetailObservability();
        builder.Services
            .AddStartupReport()
            .AddRetailCore(connectionString)
            .AddGatewaySimulator()
            .AddStorefront()
            .AddApi()
            .AddHostedService<CatalogListener>()
            .AddHostedService(services => services.GetRequiredService<RequestRecordings>())
            .AddSingleton<IReadyWhen>(services => services.GetRequiredService<CatalogModel>())
            .AddHostedService(services => services.GetRequiredService<OrderIntake>())
            .AddHostedService(services => services.GetRequiredService<FlashKeys>())
            .AddHostedService(services => services.GetRequiredService<PromptCharges>())
            .AddHostedService(services => services.GetRequiredService<DrillDesk>());
        if (embedded) builder.Services.AddWorker();
        AddJobEnginePages(builder.Services);
        return builder;
    }

    // A build whose job engine has pages of its own shows them.
    static partial void AddJobEnginePages(IServiceCollection services);

    static partial void MapJobEngine(WebApplication app);

    private static WebApplication Use(WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseRetailObservability();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandlingPath = "/error/500", StatusCodeSelector = DatabaseAway.StatusOf });
        app.UseWhen(context => !context.IsForMachines(), pages => pages.UseStatusCodePagesWithReExecute("/error/{0}").Use(RequestObservation.RememberAsync));
        if (app.Environment.IsProduction()) app.UseHsts();
        app.UseApiProblems();
        app.UseMaintenance();
        app.UseRouting();
        app.UseCrossOriginGuard(PaymentWebhook.Path, "/simulator");
        app.UseRateLimiter();
        app.UseMiddleware<RequestRecorder>();
        // Outside of compression, so that what it keeps is compressed already.
        app.UseOutputCache();
        app.UseResponseCompression();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapRazorPages();
        app.MapMedia().MapHealth().MapPaymentWebhook().MapFlashCheckout().MapReconcileApi().MapFeeds().MapDrills().MapApi();
        app.MapGatewaySimulator();
        MapJobEngine(app);
        app.Lifetime.ApplicationStarted.Register(() => TellSimulatorAddress(app));
        return app;
    }

    /// <summary>The simulator listens where the store does; the port is known only now.</summary>
    private static void TellSimulatorAddress(WebApplication app)
    {
        if (OwnAddress(app.Services) is { } own) app.Services.GetRequiredService<GatewayAddress>().SimulatorListensAt(new Uri(own, "simulator/"));
    }

    /// <summary>Where this very process is reached on its own machine; null before it listens.</summary>
    public static Uri? OwnAddress(IServiceProvider services)
    {
        var addresses = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        if ((addresses.FirstOrDefault(a => a.StartsWith("http://", StringComparison.Ordinal)) ?? addresses.FirstOrDefault()) is not { } address) return null;
        var listening = new UriBuilder(address.Replace("+", "localhost", StringComparison.Ordinal).Replace("*", "localhost", StringComparison.Ordinal)) { Path = "/" };
        if (listening.Host is "0.0.0.0" or "[::]") listening.Host = "localhost";
        return listening.Uri;
    }
}
