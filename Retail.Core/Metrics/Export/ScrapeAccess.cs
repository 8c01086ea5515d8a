using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Retail.Core.Metrics.Export;

/// <summary>Who may read what a process measures: whoever knows the token; without a token this machine alone, and no proxy on it that
/// speaks for somebody else. The same for the pages and for the worker.</summary>
public sealed class ScrapeAccess(IOptions<MetricsOptions> options)
{
    /// <summary>What the others are told.</summary>
    public const string Refusal = "Metrics are told to this machine, or to whoever sends the setting Metrics:ScrapeToken as bearer token.\n";

    /// <summary>Headers by which a proxy says that it speaks for somebody else.</summary>
    public static IReadOnlyList<string> ProxyHeaders { get; } = ["X-Forwarded-For", "X-Original-For", "Forwarded", "Via"];

    /// <summary>Whether a caller may read.</summary>
    /// <param name="caller">Where the request comes from.</param>
    /// <param name="authorization">Its Authorization header, or empty.</param>
    /// <param name="isForwarded">It has one of <see cref="ProxyHeaders"/>.</param>
    public bool Allows(IPAddress? caller, string authorization, bool isForwarded) => options.Value.ScrapeToken is { } token
        ? CryptographicOperations.FixedTimeEquals(Hash($"Bearer {token}"), Hash(authorization))
        : caller is not null && IPAddress.IsLoopback(caller) && !isForwarded;

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
