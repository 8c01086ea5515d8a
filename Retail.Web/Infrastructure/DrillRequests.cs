using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Retail.Core.Metrics;
using Retail.Core.Quality.Drills;

namespace Retail.Web.Infrastructure;

/// <summary>Takes a request for a drill's when it proves to be: what it does is then marked with the drill, and it sees the drill's goods.</summary>
internal sealed class DrillRequests(RequestDelegate next, DrillPass passes)
{
    public Task InvokeAsync(HttpContext context) =>
        context.Request.Headers[DrillPass.Header] is { Count: > 0 } pass && passes.Read(pass.ToString()) is { } drill ? ForDrillAsync(context, drill) : next(context);

    private async Task ForDrillAsync(HttpContext context, Guid drill)
    {
        context.Items[typeof(DrillRequests)] = drill;
        using var scope = DrillScope.Begin(drill);
        await next(context);
    }
}

/// <summary>What requests tell of drills.</summary>
public static class DrillRequestExtensions
{
    /// <summary>Before anything that acts on a request.</summary>
    public static IApplicationBuilder UseDrillRequests(this IApplicationBuilder app) => app.UseMiddleware<DrillRequests>();

    /// <summary>The drill that the request has proven to belong to; null in everyday life.</summary>
    public static Guid? DrillId(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Items.TryGetValue(typeof(DrillRequests), out var drill) ? (Guid?)drill : null;
    }

    /// <summary>Whose attempts are counted together, when a drill's made-up buyer asks; null otherwise.</summary>
    public static string? DrillBuyer(this HttpContext context) =>
        context.DrillId() is { } drill && context.Request.Headers[DrillStore.BuyerHeader].ToString() is { Length: > 0 and <= 100 } buyer ? $"drill {drill} {buyer}" : null;
}

/// <summary>One who may run drills.</summary>
internal sealed class DrillStaff : IAuthorizationRequirement;

/// <summary>Every admin, or those whom Drills:Staff names.</summary>
internal sealed class DrillStaffHandler(IOptions<DrillsOptions> options) : AuthorizationHandler<DrillStaff>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, DrillStaff requirement)
    {
        if (options.Value.Staff.Count == 0 || options.Value.Staff.Contains(context.User.Identity?.Name ?? "", StringComparer.OrdinalIgnoreCase)) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
