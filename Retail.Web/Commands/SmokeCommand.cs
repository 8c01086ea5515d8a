using System.CommandLine;
using System.Security.Cryptography;
using Retail.Web.Smoke;

namespace Retail.Web.Commands;

/// <summary>Walks through a store as a shopper does and says whether it sells (D4-19, D4-22).</summary>
internal static class SmokeCommand
{
    private const string TestCard = "4242424242424242";

    private static readonly Argument<string> Address = new("url") { Description = "The store.", DefaultValueFactory = _ => "http://127.0.0.1:8000" };
    private static readonly Option<string?> UserName = new("--username") { Description = "Account to sign in with; without it one is made and closed again." };
    private static readonly Option<string?> Password = new("--password") { Description = "Its password; or the variable SMOKE_PASSWORD, which no process list shows." };
    private static readonly Option<string?> Email = new("--email") { Description = "Where the order's mail goes; a new address at example.com when not given." };
    private static readonly Option<string> Card = new("--card") { Description = "A card that the gateway takes.", DefaultValueFactory = _ => TestCard };
    private static readonly Option<bool> WithoutOrder = new("--without-order") { Description = "Stop before the checkout." };
    private static readonly Option<double> Pause = new("--pause") { Description = "Seconds between two looks at the health.", DefaultValueFactory = _ => 2 };

    public static Command Create()
    {
        var command = new Command("smoke", """
            Health five times, home, search, sign-in, cart, checkout with a test card, the order found again; then it takes back
            what it did: the order is cancelled and paid back (its row stays), the cart emptied, its account closed. Exits with 1 at the first failure.

            Over HTTP alone, so it may run anywhere. A store with the payment simulator, or with a gateway in test mode that takes
            card numbers, needs nothing more. A live gateway takes no test card: there use --without-order, or --card with a real one.

            Examples:
              smoke http://localhost:8000
              SMOKE_PASSWORD=... smoke https://shop.example.com --username smoke@example.com --without-order
            """)
        { Address, UserName, Password, Email, Card, WithoutOrder, Pause };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Address) is { } address && (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))) result.AddError("The url is an address such as http://localhost:8000.");
            if (result.GetValue(Pause) is < 0 or > 60) result.AddError("--pause is from 0 to 60.");
            if (result.GetValue(UserName) is not null && PasswordOf(result.GetValue(Password)) is null) result.AddError("--username wants --password or SMOKE_PASSWORD.");
        });
        command.SetAction((parsed, ct) =>
        {
            var own = RandomNumberGenerator.GetHexString(20, lowercase: true);
            var settings = new SmokeSettings(
                new Uri(parsed.GetRequiredValue(Address).TrimEnd('/') + "/"), parsed.GetValue(UserName), PasswordOf(parsed.GetValue(Password)) ?? own,
                parsed.GetValue(Email) ?? $"smoke-{own}@example.com", parsed.GetRequiredValue(Card), !parsed.GetValue(WithoutOrder), TimeSpan.FromSeconds(parsed.GetValue(Pause)));
            return SmokeRun.RunAsync(settings, TimeProvider.System, Console.Out, ct);
        });
        return command;
    }

    private static string? PasswordOf(string? given) => given ?? Environment.GetEnvironmentVariable("SMOKE_PASSWORD");
}
