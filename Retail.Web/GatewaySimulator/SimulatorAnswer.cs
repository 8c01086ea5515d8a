using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Retail.Web.GatewaySimulator;

/// <summary>An answer as it goes over the wire and, under an idempotency key, into the books.</summary>
internal sealed record SimulatorAnswer(int Status, string Json, bool Replayed = false) : IResult
{
    public static SimulatorAnswer Ok(JsonObject body) => new(200, body.ToJsonString());

    public static SimulatorAnswer Error(int status, string type, string? code, string message, string? param = null, JsonObject? intent = null)
    {
        var error = new JsonObject { ["type"] = type, ["message"] = message };
        if (code is not null) error["code"] = code;
        if (param is not null) error["param"] = param;
        if (intent is not null) error["payment_intent"] = intent;
        return new(status, new JsonObject { ["error"] = error }.ToJsonString());
    }

    public static SimulatorAnswer Invalid(string code, string message, string? param = null) =>
        Error(400, "invalid_request_error", code, message, param);

    public static SimulatorAnswer Missing(string param) =>
        Invalid("parameter_missing", $"Missing required param: {param}.", param);

    public static SimulatorAnswer NoSuch(string what, string id, string param) =>
        Error(404, "invalid_request_error", "resource_missing", $"No such {what}: '{id}'", param);

    public static SimulatorAnswer BadCard(string code, string message, string param) => Error(402, "card_error", code, message, param);

    public static string NewId(string prefix) =>
        $"{prefix}_{RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 24)}";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.Headers["Request-Id"] = NewId("req");
        response.Headers.CacheControl = "no-cache, no-store";
        if (Replayed) response.Headers["Idempotent-Replayed"] = "true";
        return response.WriteAsync(Json, httpContext.RequestAborted);
    }
}
