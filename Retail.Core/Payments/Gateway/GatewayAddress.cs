using Microsoft.Extensions.Options;

namespace Retail.Core.Payments.Gateway;

/// <summary>Where the gateway is. Asked at each call, because the built-in simulator has an address only once the store listens.</summary>
public sealed class GatewayAddress(IOptions<PaymentsOptions> options)
{
    private readonly Uri? _configured = options.Value.GatewayUrl is { Length: > 0 } url ? new Uri(url.TrimEnd('/') + "/") : null;
    private volatile Uri? _simulator;

    /// <summary>The configured gateway, else the simulator; null while neither is known.</summary>
    public Uri? Current => _configured ?? _simulator;

    /// <summary>Says where the simulator listens; ends with a slash.</summary>
    public void SimulatorListensAt(Uri address) => _simulator = address;
}
