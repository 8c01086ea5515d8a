using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Retail.Core.Common.Settings;
using Retail.Core.Payments.Gateway;

namespace Retail.Web.GatewaySimulator;

/// <summary>The payment gateway's protocol on the store's own socket, under <c>/simulator</c>; never in production.</summary>
public static class SimulatorEndpoints
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    public static IServiceCollection AddGatewaySimulator(this IServiceCollection services) =>
        services.AddSingleton<SimulatorBooks>().AddSingleton<SimulatorCharges>().AddSingleton<SimulatorFaults>().AddSingleton<SimulatorWebhooks>()
            .AddHostedService(services => services.GetRequiredService<SimulatorWebhooks>())
            .AddSettings<SimulatorOptions>("Simulator").Services;

    public static WebApplication MapGatewaySimulator(this WebApplication app)
    {
        if (app.Environment.IsProduction()) return app;
        var simulator = app.MapGroup("/simulator").ExcludeFromDescription().DisableRateLimiting();

        var v1 = simulator.MapGroup("/v1").AddEndpointFilter(SimulatorFilters.KeyedAsync).AddEndpointFilter(SimulatorFilters.FaultyAsync);
        v1.MapPost("/payment_methods", async (HttpRequest request, SimulatorCharges charges) => await charges.TokeniseAsync(await FormAsync(request)));
        v1.MapPost("/payment_intents", async (HttpRequest request, SimulatorCharges charges) =>
            await charges.ChargeAsync(request, await FormAsync(request), request.HttpContext.WantsDecline()));
        v1.MapGet("/payment_intents/search", (string? query, SimulatorCharges charges) => charges.SearchAsync(query ?? ""));
        v1.MapGet("/payment_intents/{id}", (string id, SimulatorCharges charges) => charges.GetAsync(id));
        v1.MapPost("/payment_intents/{id}/cancel", async (string id, HttpRequest request, SimulatorCharges charges) =>
            await charges.CancelAsync(id, request, await FormAsync(request)));
        v1.MapGet("/refunds", (string? payment_intent, SimulatorCharges charges) => charges.RefundsAsync(payment_intent ?? ""));
        v1.MapPost("/refunds", async (HttpRequest request, SimulatorCharges charges) => await charges.RefundAsync(request, await FormAsync(request)));

        var faults = simulator.MapGroup("/faults").AddEndpointFilter(SimulatorFilters.LocalOrKeyedAsync);
        faults.MapGet("", (SimulatorFaults state) => Results.Json(state.Now, Json));
        faults.MapPost("", SetFaultAsync);
        faults.MapDelete("", (SimulatorFaults state) =>
        {
            state.Reset();
            return Results.NoContent();
        });

        app.Lifetime.ApplicationStarted.Register(() =>
        {
            if (OwnAddress(app.Urls) is { } own) app.Services.GetRequiredService<GatewayAddress>().SimulatorListensAt(new Uri(own, "simulator/"));
        });
        return app;
    }

    private static async Task<IResult> SetFaultAsync(HttpRequest request, SimulatorFaults state)
    {
        try
        {
            var wrong = new List<ValidationResult>();
            if (await request.ReadFromJsonAsync<Fault>(Json) is not { } fault) return Results.Problem("The body is empty.", statusCode: 400);
            if (!Validator.TryValidateObject(fault, new ValidationContext(fault), wrong, validateAllProperties: true))
                return Results.Problem(string.Join(" ", wrong), statusCode: 400);
            state.Now = fault;
            return Results.Json(fault, Json);
        }
        catch (JsonException e)
        {
            return Results.Problem(e.Message, statusCode: 400);
        }
    }

    private static async Task<IFormCollection> FormAsync(HttpRequest request) =>
        request.HasFormContentType ? await request.ReadFormAsync() : FormCollection.Empty;

    // Where this very process is reached; "any address" is reached on loopback. None on a server without a socket.
    private static Uri? OwnAddress(ICollection<string> urls)
    {
        var url = urls.FirstOrDefault(u => u.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) ?? urls.FirstOrDefault();
        if (url is null) return null;
        var listens = BindingAddress.Parse(url);
        var host = listens.Host is "+" or "*" or "0.0.0.0" or "[::]" ? "127.0.0.1" : listens.Host;
        return new UriBuilder(listens.Scheme, host, listens.Port, listens.PathBase.TrimEnd('/') + "/").Uri;
    }
}
