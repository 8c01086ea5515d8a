using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Retail.Core.Metrics;
using Retail.Core.Quality.Drills;

namespace Retail.Web.Infrastructure;

/// <summary>What a request on a drill's behalf tells; that it is one, <see cref="RequestObservation"/> has found proven.</summary>
public static class DrillRequests
{
    /// <summary>Whose attempts are counted together, when a drill's made-up buyer asks; null otherwise.</summary>
    public static string? DrillBuyer(this HttpRequest request) =>
        DrillScope.Current is { } drill && request.Headers[DrillStore.BuyerHeader].ToString() is { Length: > 0 and <= 100 } buyer ? $"drill {drill} {buyer}" : null;
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
