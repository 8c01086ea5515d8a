using System.ComponentModel.DataAnnotations;
using Retail.Core.Common.Settings;

namespace Retail.Core.Payments.Gateway;

/// <summary>The settings under "Payments"; a wrong one stops the start.</summary>
public sealed class PaymentsOptions : IValidatableObject
{
    /// <summary>The key that the built-in simulator takes when none is set.</summary>
    public const string SimulatorKey = "sk_test_simulator";

    /// <summary>The webhook secret that goes with <see cref="SimulatorKey"/>.</summary>
    public const string SimulatorWebhookSecret = "whsec_simulator";

    /// <summary>Where the gateway is, without <c>v1/</c>. Empty outside production: the simulator at the store's own address.</summary>
    [NeededInProduction("Set Payments__GatewayUrl to the payment gateway, such as https://api.stripe.com: the simulator does not run in production.")]
    public string GatewayUrl { get; set; } = "";

    /// <summary>The gateway's secret key.</summary>
    [NeededInProduction("Set Payments__SecretKey to the gateway's secret key: it begins with sk_ or rk_.", Refused = [SimulatorKey])]
    [Required, RegularExpression("(sk|rk)_(test|live)_.+")]
    public string SecretKey { get; set; } = SimulatorKey;

    /// <summary>Signs what the gateway tells us.</summary>
    [NeededInProduction("Set Payments__WebhookSecret to the secret of the gateway's webhook for /payments/webhook: it begins with whsec_.", Refused = [SimulatorWebhookSecret])]
    [Required, RegularExpression("whsec_.+")]
    public string WebhookSecret { get; set; } = SimulatorWebhookSecret;

    /// <summary>The longest that one attempt may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest that a call may take with all its attempts and pauses.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(7);

    /// <summary>The longest that a shopper waits from "Place order" for the answer to the charge; what comes later is booked all the same.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan ShopperWaits { get; set; } = TimeSpan.FromSeconds(6.8);

    /// <summary>The first attempt and its repetitions; 1 never repeats.</summary>
    [Range(1, 10)]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>The pause before the first repetition; doubles with each.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan RetryBaseDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause, whatever the gateway asks for.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan RetryMaxDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The share by which a pause is longer or shorter by chance, so that shoppers do not come back in step.</summary>
    [Range(0d, 1d)]
    public double RetryJitter { get; set; } = 0.1;

    /// <summary>So many failed attempts within <see cref="BreakerWindow"/>, and no other among them, open the circuit.</summary>
    [Range(2, 1000)]
    public int BreakerFailures { get; set; } = 5;

    /// <summary>How far back failures count.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan BreakerWindow { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an open circuit sends nothing; then one attempt tries the gateway.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan BreakerOpenFor { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after an order was placed its payment is asked for; then the order is cancelled and its stock sold to others.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "20:00:00")]    // the gateway remembers keys for a day
    public TimeSpan SettleWithin { get; set; } = TimeSpan.FromMinutes(30);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (GatewayUrl.Length > 0)
        {
            if (!Uri.TryCreate(GatewayUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                yield return new("Payments:GatewayUrl must be an http or https address.", [nameof(GatewayUrl)]);
            else if (url.Scheme == "http" && SecretKey.Contains("_live_", StringComparison.Ordinal))
                yield return new("Payments:GatewayUrl must be https: a live key is never sent in the clear.", [nameof(GatewayUrl)]);
        }
        if (TotalTimeout < AttemptTimeout)
            yield return new("Payments:TotalTimeout must be at least Payments:AttemptTimeout.", [nameof(TotalTimeout)]);
    }
}
