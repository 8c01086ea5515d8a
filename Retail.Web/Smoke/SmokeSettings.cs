namespace Retail.Web.Smoke;

/// <summary>How to look at a store.</summary>
/// <param name="Store">Its address; ends with a slash.</param>
/// <param name="UserName">Whose account; null: one is made, and closed at the end.</param>
/// <param name="Password">Its password.</param>
/// <param name="Email">Where the order's mail goes.</param>
/// <param name="Card">The number of a card that the gateway takes.</param>
/// <param name="WithOrder">An order is placed, paid, found again and cancelled.</param>
/// <param name="HealthPause">Between two looks at the health.</param>
internal sealed record SmokeSettings(Uri Store, string? UserName, string Password, string Email, string Card, bool WithOrder, TimeSpan HealthPause);
