using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;

namespace Retail.Web.Infrastructure;

/// <summary>A refusal as HTTP: its kind alone decides the status (RFC 9110).</summary>
public static class Refusals
{
    public static int Status(this ServiceError error) => error.Refusal switch
    {
        Refusal.Invalid => StatusCodes.Status400BadRequest,
        Refusal.Forbidden => StatusCodes.Status403Forbidden,
        Refusal.NotFound => StatusCodes.Status404NotFound,
        Refusal.Conflict => StatusCodes.Status409Conflict,
        Refusal.TooMany => StatusCodes.Status429TooManyRequests,
        Refusal.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(error), error.Refusal, "Not a refusal."),
    };

    /// <summary>For the API: problem details with a stable code (RFC 9457).</summary>
    public static ProblemHttpResult ToProblem(this ServiceError error) => error.ToProblem(error.Status());

    /// <summary>For the API, of a refusal that may be lifted soon: says when to try again.</summary>
    public static ProblemHttpResult ToProblem(this ServiceError error, HttpResponse response)
    {
        SayWhen(error, response);
        return error.ToProblem();
    }

    /// <summary>For the API, where the protocol has a status of its own for a refusal.</summary>
    public static ProblemHttpResult ToProblem(this ServiceError error, int status) => TypedResults.Problem(
        error.Message, statusCode: status, type: $"/problems/{error.Code.Replace('_', '-')}",
        extensions: new Dictionary<string, object?> { ["code"] = error.Code });

    /// <summary>For a page that is shown again with all that was typed: the message in its error summary, and beside the field at fault.</summary>
    /// <param name="page">The page.</param>
    /// <param name="error">Why.</param>
    /// <param name="prefix">What the page puts before field names, such as "Input.".</param>
    public static PageResult Refuse(this PageModel page, ServiceError error, string prefix = "")
    {
        SayWhen(error, page.Response);
        page.ModelState.AddModelError(error.Field.Length > 0 ? prefix + error.Field : "", error.Message);
        // 422 for a form: the browser shows the page, and tests and monitors see that nothing was done.
        page.Response.StatusCode = error.Refusal == Refusal.Invalid ? StatusCodes.Status422UnprocessableEntity : error.Status();
        return page.Page();
    }

    // Not the same moment for everybody who was refused in this one.
    private static void SayWhen(ServiceError error, HttpResponse response)
    {
        if (error.Refusal == Refusal.Unavailable) response.Headers.RetryAfter = Random.Shared.Next(1, 4).ToString(CultureInfo.InvariantCulture);
    }
}
