using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Retail.Core.Accounts;
using Retail.Web.Hosting;
using Retail.Web.Infrastructure;

namespace Retail.Web.Api;

/// <summary>Name and password, as on the sign-in page.</summary>
public sealed record TokenRequest
{
    /// <summary>Email or user name; email may be sent instead.</summary>
    [MaxLength(EmailAttribute.MaxLength), PlainText] public string? UserName { get; init; }

    [MaxLength(EmailAttribute.MaxLength), PlainText] public string? Email { get; init; }

    [Required, MaxLength(128)] public string Password { get; init; } = "";
}

public sealed record RefreshRequest
{
    [Required, MaxLength(8000)] public string RefreshToken { get; init; } = "";
}

/// <summary>Bearer tokens for programs: short-lived to order with, and one to renew them, which ends with the password.</summary>
public static class AuthApi
{
    public static RouteGroupBuilder MapAuthApi(this RouteGroupBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Auth").RequireRateLimiting(Storefront.GuessingLimit);
        auth.MapPost("/token", TokenAsync).Produces<AccessTokenResponse>();
        auth.MapPost("/refresh", RefreshAsync).Produces<AccessTokenResponse>();
        return api;
    }

    private static async Task<Results<SignInHttpResult, ProblemHttpResult>> TokenAsync(TokenRequest asked, ShopperSession session, SignInManager<Customer> signIn)
    {
        var name = (asked.UserName ?? asked.Email ?? "").Trim();
        var checkedIn = await session.CheckAsync(name, asked.Password);
        if (checkedIn.IsLockedOut) return Refused("Too many tries. Wait five minutes, then try again.", "locked_out", StatusCodes.Status429TooManyRequests);
        return checkedIn.Succeeded && await session.FindAsync(name) is { } customer ? await SignInAsync(signIn, customer)
            : Refused("Name and password don't match an account.", "no_match", StatusCodes.Status401Unauthorized);
    }

    private static async Task<Results<SignInHttpResult, ProblemHttpResult>> RefreshAsync(
        RefreshRequest asked, SignInManager<Customer> signIn, IOptionsMonitor<BearerTokenOptions> bearer, TimeProvider clock)
    {
        var ticket = bearer.Get(IdentityConstants.BearerScheme).RefreshTokenProtector.Unprotect(asked.RefreshToken);
        return ticket?.Properties.ExpiresUtc > clock.GetUtcNow() && await signIn.ValidateSecurityStampAsync(ticket.Principal) is { } customer
            ? await SignInAsync(signIn, customer)
            : Refused("This token is not valid any more. Ask for a new one with name and password.", "token_invalid", StatusCodes.Status401Unauthorized);
    }

    private static async Task<SignInHttpResult> SignInAsync(SignInManager<Customer> signIn, Customer customer) =>
        TypedResults.SignIn(await signIn.CreateUserPrincipalAsync(customer), authenticationScheme: IdentityConstants.BearerScheme);

    private static ProblemHttpResult Refused(string words, string code, int status) => TypedResults.Problem(
        words, statusCode: status, type: $"/problems/{code.Replace('_', '-')}", extensions: new Dictionary<string, object?> { ["code"] = code });
}
