using System.Security.Cryptography;
using System.Text;

namespace Retail.Core.Data;

/// <summary>Encrypts text with SECRET_KEY (AES-256-GCM), and opens what that or SECRET_KEY_PREVIOUS encrypted.</summary>
internal sealed class SecretBox
{
    private const string Mark = "sealed1:";
    private const int NonceLength = 12, TagLength = 16;

    private readonly (string Name, byte[] Key)[] _keys;

    /// <param name="secret">Encrypts and opens.</param>
    /// <param name="previous">Only opens; may be empty.</param>
    public SecretBox(string secret, string previous) => _keys = [.. new[] { secret, previous }.Where(s => s.Length > 0).Select(KeyOf)];

    /// <summary>The text is what <see cref="Seal"/> made.</summary>
    public static bool IsSealed(string text) => text.StartsWith(Mark, StringComparison.Ordinal);

    /// <summary>The text was encrypted with the present secret.</summary>
    public bool IsSealedWithPresent(string text) => text.StartsWith($"{Mark}{_keys[0].Name}:", StringComparison.Ordinal);

    /// <summary>The text, encrypted; tells by a short name which secret opens it.</summary>
    public string Seal(string text)
    {
        var (name, key) = _keys[0];
        var plain = Encoding.UTF8.GetBytes(text);
        var box = new byte[NonceLength + TagLength + plain.Length];
        RandomNumberGenerator.Fill(Nonce(box));
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(Nonce(box), plain, Cipher(box), Tag(box), Encoding.UTF8.GetBytes(name));
        return $"{Mark}{name}:{Convert.ToBase64String(box)}";
    }

    /// <summary>What was encrypted.</summary>
    /// <exception cref="CryptographicException">None of the secrets opens it, or it was tampered with.</exception>
    public string Open(string text)
    {
        var parts = text[Mark.Length..].Split(':', 2);
        var key = _keys.FirstOrDefault(k => k.Name == parts[0]).Key ?? throw new CryptographicException("It was encrypted with another SECRET_KEY.");
        var buffer = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], buffer, out var length) || length < NonceLength + TagLength) throw new CryptographicException("It is damaged.");
        var box = buffer.AsSpan(0, length);
        var plain = new byte[Cipher(box).Length];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(Nonce(box), Cipher(box), Tag(box), plain, Encoding.UTF8.GetBytes(parts[0]));
        return Encoding.UTF8.GetString(plain);
    }

    private static Span<byte> Nonce(Span<byte> box) => box[..NonceLength];

    private static Span<byte> Tag(Span<byte> box) => box.Slice(NonceLength, TagLength);

    private static Span<byte> Cipher(Span<byte> box) => box[(NonceLength + TagLength)..];

    private static (string, byte[]) KeyOf(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        return (Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, bytes, 4, info: "retail key name"u8.ToArray())),
            HKDF.DeriveKey(HashAlgorithmName.SHA256, bytes, 32, info: "retail protection keys"u8.ToArray()));
    }
}
