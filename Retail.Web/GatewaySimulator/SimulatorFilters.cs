using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Retail.Core.Payments.Gateway;
using Retail.Core.Quality.Drills;

namespace Retail.Web.GatewaySimulator;

/// <summary>What a call passes before the simulator acts on it.</summary>
internal static class SimulatorFilters
{
    private static readonly object DeclineAll = new();

    /// <summary>The fault that struck this call wants its charge declined.</summary>
    public static bool WantsDecline(this HttpContext http) => http.Items.ContainsKey(DeclineAll);

    public static async ValueTask<object?> KeyedAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next) => HasKey(call.HttpContext)
        ? await next(call)
        : SimulatorAnswer.Error(401, "invalid_request_error", null, "Invalid API Key provided.");

    /// <summary>Faults are for the one at this machine and for whoever has the key.</summary>
    public static async ValueTask<object?> LocalOrKeyedAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next) =>
        (call.HttpContext.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from)) || HasKey(call.HttpContext) ? await next(call) : Results.NotFound();

    public static async ValueTask<object?> FaultyAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var http = call.HttpContext;
        var fault = http.RequestServices.GetRequiredService<SimulatorFaults>().Strike(
            atVault: http.Request.Path.Value!.EndsWith("/payment_methods", StringComparison.Ordinal),
            drill: Guid.TryParse(http.Request.Headers[FaultModes.DrillHeader], out var drill) ? drill : null);
        var stopping = http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        switch (fault.Mode)
        {
            case FaultMode.Error500:
                return SimulatorAnswer.Error(500, "api_error", null, "An unexpected error occurred.");
            case FaultMode.Cut:
                http.Abort();
                return Results.Empty;
            case FaultMode.Hang:
                using (var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping))
                    await Task.Delay(Timeout.Infinite, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                http.Abort();
                return Results.Empty;
            case FaultMode.SucceedSilently when HttpMethods.IsPost(http.Request.Method):
                await next(call);
                http.Abort();
                return Results.Empty;
            case FaultMode.Delay:
                if (HttpMethods.IsPost(http.Request.Method)) await http.Request.ReadFormAsync();    // while the caller is still there
                await Task.Delay(fault.DelayMs, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case FaultMode.Decline:
                http.Items[DeclineAll] = true;
                break;
            case FaultMode.None or FaultMode.SucceedSilently:
                break;
        }
        return await next(call);
    }

    private static bool HasKey(HttpContext http)
    {
        var key = http.RequestServices.GetRequiredService<IOptions<PaymentsOptions>>().Value.SecretKey;
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString()), Encoding.UTF8.GetBytes($"Bearer {key}"));
    }
}
