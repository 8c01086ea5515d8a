namespace Retail.Core.Payments.Gateway;

/// <summary>Decline codes in words for the shopper. A stolen or suspicious card is declined like any other: its holder is not told why.</summary>
internal static class DeclineMessages
{
    public static string For(string code) => code switch
    {
        "insufficient_funds" => "Your card has insufficient funds. Please try another card.",
        "expired_card" => "Your card has expired. Please try another card.",
        "incorrect_number" or "invalid_number" => "Your card number is incorrect. Please check it and try again.",
        "incorrect_cvc" or "invalid_cvc" => "Your card's security code is incorrect. Please check it and try again.",
        "invalid_expiry_month" or "invalid_expiry_year" => "Your card's expiry date is incorrect. Please check it and try again.",
        "processing_error" => "Your bank could not process this card just now. Please try again in a moment or use another card.",
        "test_mode_live_card" => "This store is in test mode and takes test cards only. No money was charged.",
        "canceled" => "The payment was cancelled. No money was charged.",
        _ => "Your card was declined. Please try another card or ask your bank.",
    };
}
