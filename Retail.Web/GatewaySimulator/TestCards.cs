namespace Retail.Web.GatewaySimulator;

/// <summary>What a card does when it is charged; kept in the simulator's books by name.</summary>
public enum CardBehaviour { Pays, Declined, InsufficientFunds, ExpiredCard, IncorrectCvc, ProcessingError }

/// <summary>A card that the simulator takes.</summary>
/// <param name="Number">For the card form; no real card has it.</param>
/// <param name="Brand">Lower case: visa, mastercard.</param>
/// <param name="Behaviour">What happens when it is charged.</param>
/// <param name="Token">The token that stands for it without a form.</param>
/// <param name="WhatItDoes">The same in words, for the checkout page.</param>
public sealed record TestCard(string Number, string Brand, CardBehaviour Behaviour, string Token, string WhatItDoes)
{
    public string Last4 => Number[^4..];
}

/// <summary>The cards that the simulator takes, for the checkout page outside production.</summary>
public static class TestCards
{
    public static IReadOnlyList<TestCard> All { get; } =
    [
        new("4242424242424242", "visa", CardBehaviour.Pays, "pm_card_visa", "Pays"),
        new("5555555555554444", "mastercard", CardBehaviour.Pays, "pm_card_mastercard", "Pays"),
        new("4000000000000002", "visa", CardBehaviour.Declined, "pm_card_chargeDeclined", "Is declined"),
        new("4000000000009995", "visa", CardBehaviour.InsufficientFunds, "pm_card_chargeDeclinedInsufficientFunds", "Is declined: insufficient funds"),
        new("4000000000000069", "visa", CardBehaviour.ExpiredCard, "pm_card_chargeDeclinedExpiredCard", "Is declined: expired"),
        new("4000000000000127", "visa", CardBehaviour.IncorrectCvc, "pm_card_chargeDeclinedIncorrectCvc", "Is declined: wrong security code"),
        new("4000000000000119", "visa", CardBehaviour.ProcessingError, "pm_card_chargeDeclinedProcessingError", "Is declined: processing error"),
    ];

    internal static TestCard? WithNumber(string number) => All.FirstOrDefault(c => c.Number == number);

    internal static TestCard? WithToken(string token) =>
        All.FirstOrDefault(c => c.Token == token.Replace("pm_card_visa_charge", "pm_card_charge", StringComparison.Ordinal));

    /// <summary>The check digit fits (Luhn).</summary>
    internal static bool IsCardNumber(string number)
    {
        if (number.Length is < 12 or > 19 || !number.All(char.IsAsciiDigit)) return false;
        var sum = 0;
        for (var i = 0; i < number.Length; i++)
        {
            var digit = number[^(i + 1)] - '0';
            if (i % 2 == 1 && (digit *= 2) > 9) digit -= 9;
            sum += digit;
        }
        return sum % 10 == 0;
    }
}
