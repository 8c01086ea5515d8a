using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Retail.Core.Common.Settings;

namespace Retail.Core.Data;

/// <summary>
/// Keeps the keys of cookies and tokens in the database, so that every node reads what another wrote, encrypted with SECRET_KEY,
/// so that whoever reads the database or a copy of it can't make a session.
/// </summary>
public sealed class ProtectionKeys(IServiceScopeFactory scopes, IOptions<RuntimeOptions> options, ILogger<ProtectionKeys> logger) : IXmlRepository, IConfigureOptions<KeyManagementOptions>
{
    private readonly SecretBox _box = new(options.Value.SecretKey, options.Value.SecretKeyPrevious);

    /// <inheritdoc/>
    public void Configure(KeyManagementOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.XmlRepository = this;
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var scope = scopes.CreateScope();
        var elements = new List<XElement>();
        foreach (var key in scope.ServiceProvider.GetRequiredService<RetailDbContext>().ProtectionKeys.AsNoTracking())
        {
            if (Open(key) is { } xml) elements.Add(XElement.Parse(xml));
            else logger.UnreadableKey(key.Name);
        }
        return elements;
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName)
    {
        ArgumentNullException.ThrowIfNull(element);
        using var scope = scopes.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        db.ProtectionKeys.Add(new ProtectionKey { Name = friendlyName, Xml = _box.Seal(element.ToString(SaveOptions.DisableFormatting)) });
        db.SaveChanges();
    }

    /// <summary>Encrypts with the present SECRET_KEY what is not yet: keys of an older release, and keys that SECRET_KEY_PREVIOUS opens.</summary>
    /// <returns>How many keys were encrypted anew.</returns>
    public async Task<int> SealAllAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        var done = 0;
        foreach (var key in await db.ProtectionKeys.AsNoTracking().ToListAsync(ct))
        {
            if (_box.IsSealedWithPresent(key.Xml) || Open(key) is not { } xml) continue;
            // Only as it was read: another node may do the same at this moment.
            done += await db.ProtectionKeys.Where(k => k.Name == key.Name && k.Xml == key.Xml).ExecuteUpdateAsync(k => k.SetProperty(p => p.Xml, _box.Seal(xml)), ct);
        }
        if (done > 0) logger.KeysSealed(done);
        return done;
    }

    private string? Open(ProtectionKey key)
    {
        if (!SecretBox.IsSealed(key.Xml)) return key.Xml;
        try
        {
            return _box.Open(key.Xml);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

internal static partial class ProtectionKeysLog
{
    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning,
        Message = "The key {Name} was encrypted with another SECRET_KEY: who signed in under it must sign in anew. To avoid that, set SECRET_KEY_PREVIOUS to the former SECRET_KEY and start again")]
    public static partial void UnreadableKey(this ILogger logger, string name);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Information, Message = "Encrypted {Count} keys of cookies and tokens with the present SECRET_KEY")]
    public static partial void KeysSealed(this ILogger logger, int count);
}
