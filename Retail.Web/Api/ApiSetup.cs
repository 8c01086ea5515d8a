using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Retail.Web.Infrastructure;

namespace Retail.Web.Api;

/// <summary>The JSON API under /api: the same services as the pages, for programs.</summary>
public static class ApiSetup
{
    private const int BodyLimit = 64 * 1024;
    private const string Caller = "caller";

    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddValidation();
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Complete);
        // A body that can't be read is the caller's mistake, in development too.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        services.AddAuthentication(options => options.DefaultAuthenticateScheme = options.DefaultChallengeScheme = Caller)
            // Pages know the session alone; whoever sends a token to the API is asked for nothing else.
            .AddPolicyScheme(Caller, null, scheme => scheme.ForwardDefaultSelector = context =>
                context.IsApi() && context.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
                    ? IdentityConstants.BearerScheme : IdentityConstants.ApplicationScheme)
            .AddBearerToken(IdentityConstants.BearerScheme, token => token.BearerTokenExpiration = TimeSpan.FromMinutes(15));
        return services.AddOpenApi("v1", options =>
        {
            options.ShouldInclude = operation => operation.RelativePath?.StartsWith("api/", StringComparison.Ordinal) is true;
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new() { Title = "Retail", Version = "1", Description = "Browse, fill a cart, order. Refusals are problem details with a stable code." };
                (document.Components ??= new()).SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An access token of POST /api/auth/token." },
                };
                return Task.CompletedTask;
            });
        });
    }

    /// <summary>What fails or is not found under /api, or at an endpoint for programs, is answered as a problem, never as a page. Before routing.</summary>
    public static IApplicationBuilder UseApiProblems(this IApplicationBuilder app) =>
        app.UseWhen(context => context.IsApi(), api => api.UseExceptionHandler(new ExceptionHandlerOptions { StatusCodeSelector = DatabaseAway.StatusOf }).UseStatusCodePages());

    public static IEndpointRouteBuilder MapApi(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/api/openapi.json").CacheOutput(policy => policy.Expire(TimeSpan.FromHours(1))).ExcludeFromDescription();
        var api = app.MapGroup("/api").WithMetadata(new RequestSizeLimitAttribute(BodyLimit));
        api.MapProductApi();
        var personal = api.MapGroup("").AddEndpointFilter(async (call, next) =>
        {
            call.HttpContext.Response.Headers.CacheControl = "no-store";
            return await next(call);
        });
        personal.MapAuthApi().MapCartApi().MapOrderApi().MapPartnerApi();
        app.MapMetrics();
        return app;
    }

    // Every problem has a code that programs can switch on, and the id that finds it in the log.
    private static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        if (context.HttpContext.Response.StatusCode == StatusCodes.Status503ServiceUnavailable && problem.Detail is null)
        {
            problem.Detail = "The store can't answer just now. Try again after the seconds that Retry-After names.";
            if (context.HttpContext.Response.Headers.RetryAfter.Count == 0) DatabaseAway.SayWhen(context.HttpContext.Response);
        }
        problem.Extensions.TryAdd("code", problem is HttpValidationProblemDetails ? "invalid_input" : CodeOf(context.HttpContext.Response.StatusCode));
        problem.Extensions["requestId"] = context.HttpContext.TraceIdentifier;
        problem.Extensions.Remove("traceId");
    }

    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "invalid_input",
        StatusCodes.Status401Unauthorized => "sign_in_required",
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "not_found",
        StatusCodes.Status405MethodNotAllowed => "method_not_allowed",
        StatusCodes.Status413PayloadTooLarge => "too_large",
        StatusCodes.Status415UnsupportedMediaType => "not_json",
        StatusCodes.Status429TooManyRequests => "too_many",
        StatusCodes.Status503ServiceUnavailable => "unavailable",
        _ => "failed",
    };
}

/// <summary>An amount as the API tells it.</summary>
/// <param name="Amount">In the currency's main unit, two decimals.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record Price(decimal Amount, string Currency)
{
    public static Price Of(Retail.Core.Common.Money money) => new(money.Amount, money.Currency);
}
