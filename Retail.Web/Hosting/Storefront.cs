using System.IO.Compression;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationModels;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using Retail.Core.Accounts;
using Retail.Core.Common.Settings;
using Retail.Web.Infrastructure;

namespace Retail.Web.Hosting;

/// <summary>What the pages need: sign-in, antiforgery, output cache, limits.</summary>
public static class Storefront
{
    public const string AuthCookie = "retail-session";

    /// <summary>The rate limit of forms that a stranger could guess with: sign-in, registering, looking an order up.</summary>
    public const string GuessingLimit = "guessing";

    /// <summary>The limit of feeds that are written at the same time.</summary>
    public const string FeedLimit = "feeds";

    public static IServiceCollection AddStorefront(this IServiceCollection services)
    {
        services.AddRazorPages(pages =>
        {
            pages.Conventions.AuthorizeAreaFolder("Admin", "/", Policies.Staff);
            // The store's own forms need no token: another origin is refused by fetch metadata, and pages can be cached.
            pages.Conventions.AddFolderApplicationModelConvention("/", model =>
            {
                if (!model.ViewEnginePath.StartsWith("/Account/", StringComparison.Ordinal)) model.Filters.Add(new IgnoreAntiforgeryTokenAttribute());
            });
            pages.Conventions.AddFolderRouteModelConvention("/", model => Lowercase(model));
        });
        services.Configure<RouteOptions>(options => options.LowercaseUrls = true);
        services.AddHttpContextAccessor().AddScoped<CurrentShopper>().AddScoped<ShopperSession>();
        AddSignIn(services);
        services.AddOutputCache(cache =>
        {
            cache.AddPolicy(PageCache.Lists, new PageCache(PageCache.ListKey));
            cache.AddPolicy(PageCache.Product, new PageCache(PageCache.ProductKey));
            cache.AddPolicy(PageCache.Media, policy => policy.Expire(TimeSpan.FromDays(1)).SetVaryByQuery([]));
        });
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;   // no page mixes a secret with what another person typed
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
            compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "image/svg+xml", "text/csv", "text/tab-separated-values"];
        });
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);
        services.AddRateLimiter(limits =>
        {
            limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            // A feed of a large shop takes a second of one processor; whoever comes too early tries again.
            limits.AddConcurrencyLimiter(FeedLimit, feeds => (feeds.PermitLimit, feeds.QueueLimit) = (2, 20));
            limits.AddPolicy(GuessingLimit, context => HttpMethods.IsGet(context.Request.Method)
                ? RateLimitPartition.GetNoLimiter("read")
                : RateLimitPartition.GetFixedWindowLimiter(context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new() { PermitLimit = 30, Window = TimeSpan.FromMinutes(1) }));
        });
        services.AddSettings<FlashLimitOptions>("FlashSales");
        services.AddSingleton<FlashLimits>().AddSingleton<PartnerLimits>().AddScoped<Areas.Admin.Pages.Partners.FeedDesk>();
        // A proxy on this machine is believed, and those that the setting KnownProxies names: limits then count shoppers, not the proxy.
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<RuntimeOptions>>((forwarded, runtime) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            foreach (var proxy in runtime.Value.KnownProxies)
                if (IPAddress.TryParse(proxy, out var address)) forwarded.KnownProxies.Add(address);
                else forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
        });
        return services;
    }

    private static void AddSignIn(IServiceCollection services)
    {
        // Accounts themselves are Core's; here come the cookie and the tokens.
        services.AddIdentity<Customer, IdentityRole<Guid>>().AddDefaultTokenProviders().AddClaimsPrincipalFactory<ShopperClaims>();
        // A changed password or role reaches the account's other sessions within this time.
        services.Configure<SecurityStampValidatorOptions>(stamp => stamp.ValidationInterval = TimeSpan.FromMinutes(1));
        services.ConfigureApplicationCookie(cookie =>
        {
            cookie.Cookie.Name = AuthCookie;
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.LoginPath = "/account/sign-in";
            cookie.LogoutPath = "/account/sign-out";
            cookie.ExpireTimeSpan = TimeSpan.FromDays(14);
            cookie.Events = new CookieAuthenticationEvents
            {
                OnRedirectToAccessDenied = context => Answer(context, StatusCodes.Status403Forbidden),
                OnRedirectToLogin = context =>
                {
                    if (context.HttpContext.IsForMachines()) return Answer(context, StatusCodes.Status401Unauthorized);
                    context.Response.Redirect(context.RedirectUri);
                    return Task.CompletedTask;
                },
                OnValidatePrincipal = SecurityStampValidator.ValidatePrincipalAsync,
            };
        });
        services.AddAuthorizationBuilder()
            .AddPolicy(Policies.Staff, policy => policy.RequireRole(Roles.Admin))
            .AddPolicy(Policies.Drills, policy => policy.RequireRole(Roles.Admin).AddRequirements(new DrillStaff()));
        services.AddSingleton<IAuthorizationHandler, DrillStaffHandler>();
    }

    private static Task Answer(Microsoft.AspNetCore.Authentication.RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    // Pages/Account/SignIn is served at /account/sign-in without a template in each page.
    private static void Lowercase(PageRouteModel model)
    {
        foreach (var selector in model.Selectors)
            if (selector.AttributeRouteModel is { Template: { } template } route)
                route.Template = KebabCase.Of(template);
    }
}

/// <summary>Who may enter where.</summary>
public static class Policies
{
    /// <summary>The admin area.</summary>
    public const string Staff = "staff";

    /// <summary>Running drills: admins, and of them those whom Drills:Staff names if it names any.</summary>
    public const string Drills = "drills";
}
