using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Retail.Core.Payments.Gateway;

/// <summary>The gateway's signature over its news: HMAC-SHA256 of "time.body", in the header <c>Stripe-Signature: t=…,v1=…</c>.</summary>
public static class WebhookSignature
{
    /// <summary>The header that carries it.</summary>
    public const string Header = "Stripe-Signature";

    /// <summary>How far the signature's time may be from ours, so that an overheard message can't be sent again later.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(300);

    /// <summary>Why a message is not the gateway's, for the log; null when it is.</summary>
    /// <param name="header">The header as it came. It may carry several v1, while the secret is being changed.</param>
    /// <param name="body">The body, byte for byte.</param>
    /// <param name="secret">Shared with the gateway.</param>
    /// <param name="now">Our time.</param>
    public static string? WhyForged(string? header, ReadOnlySpan<byte> body, string secret, DateTimeOffset now)
    {
        long? time = null;
        var signatures = new List<string>();
        foreach (var part in (header ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith("t=", StringComparison.Ordinal) && long.TryParse(part.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) time = seconds;
            else if (part.StartsWith("v1=", StringComparison.Ordinal)) signatures.Add(part[3..]);
        }
        if (time is not { } at || signatures.Count == 0) return "no signature";
        var expected = Encoding.ASCII.GetBytes(Compute(at, body, secret));
        if (!signatures.Exists(s => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(s), expected))) return "wrong signature";
        // Compared as numbers: a time that no calendar holds is only another one that is too far away.
        return Math.Abs((double)at - now.ToUnixTimeSeconds()) > Tolerance.TotalSeconds ? "signed too long ago" : null;
    }

    /// <summary>The header's value for a message sent at this time.</summary>
    public static string Sign(ReadOnlySpan<byte> body, string secret, DateTimeOffset now)
    {
        var at = now.ToUnixTimeSeconds();
        return string.Create(CultureInfo.InvariantCulture, $"t={at},v1={Compute(at, body, secret)}");
    }

    private static string Compute(long at, ReadOnlySpan<byte> body, string secret)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{at}.")));
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
