using System.Globalization;
using Npgsql;

namespace Retail.Core.Data;

/// <summary>Turns DATABASE_URL into an Npgsql connection string, and tells why a database can't be reached. Its sentences never repeat what could be a password.</summary>
public static partial class DatabaseAddress
{
    private const string Example = "write it as postgresql://user:password@host:5432/database";

    /// <summary>The connection string that a DATABASE_URL means, with the store's defaults where it is silent.</summary>
    /// <param name="address">postgresql:// or postgres:// with libpq's or Npgsql's settings as its query, or "Host=...;Database=...".</param>
    /// <exception cref="StartupException">It can't be understood; the message says why in one sentence.</exception>
    public static string Parse(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        address = address.Trim();
        var scheme = address.Split("://", 2) is [{ } name, _] && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or ':') ? name : null;
        var builder = scheme switch
        {
            null => OfKeywords(address),
            _ when scheme.ToLowerInvariant() is "postgresql" or "postgres" => OfUrl(address[(scheme.Length + 3)..]),
            _ => throw new StartupException($"DATABASE_URL begins with {scheme}://, but the store needs a PostgreSQL database: {Example}."),
        };
        if (string.IsNullOrEmpty(builder.Host)) throw NotUnderstood("it names no host");
        return WithDefaults(builder).ConnectionString;
    }

    /// <summary>Adds what the store wants of a connection, where the address does not say otherwise.</summary>
    internal static NpgsqlConnectionStringBuilder WithDefaults(NpgsqlConnectionStringBuilder builder)
    {
        if (!builder.ShouldSerialize("Maximum Pool Size")) builder.MaxPoolSize = 20;
        if (!builder.ShouldSerialize("Timeout")) builder.Timeout = 5;
        if (!builder.ShouldSerialize("Application Name")) builder.ApplicationName = "retail";
        if (!builder.ShouldSerialize("Max Auto Prepare")) builder.MaxAutoPrepare = 100;
        return builder;
    }

    private static NpgsqlConnectionStringBuilder OfKeywords(string text)
    {
        if (text.Length == 0) throw NotUnderstood("it is empty");
        try
        {
            return new(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException)
        {
            // Npgsql's message is not passed on: after a stray semicolon it quotes a piece of the password.
            throw NotUnderstood("it is neither a postgresql:// address nor a list of settings that Npgsql knows", e);
        }
    }

    private static NpgsqlConnectionStringBuilder OfUrl(string text)
    {
        var end = text.AsSpan().IndexOfAny('/', '?');
        var (authority, rest) = end < 0 ? (text, "") : (text[..end], text[end..]);
        if (rest.Contains('@', StringComparison.Ordinal))
            throw NotUnderstood("signs such as @ : / ? in its user name or password must be percent-encoded (@ is %40)");
        var query = rest.IndexOf('?', StringComparison.Ordinal);
        var database = Decode((query < 0 ? rest : rest[..query]).TrimStart('/'));

        var builder = new NpgsqlConnectionStringBuilder { Host = "localhost" };
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var user = authority[..at].Split(':', 2);
            if (user[0].Length > 0) builder.Username = Decode(user[0]);
            if (user.Length == 2) builder.Password = Decode(user[1]);
        }
        SetHosts(builder, authority[(at + 1)..]);
        if (database.Length > 0) builder.Database = database;
        if (query >= 0)
            foreach (var setting in rest[(query + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries)) Set(builder, setting);
        return builder;
    }

    // One host, several with commas (Npgsql tries them in turn), an IPv6 address in brackets, or an encoded socket folder.
    private static void SetHosts(NpgsqlConnectionStringBuilder builder, string hosts)
    {
        if (hosts.Length == 0) return;
        var several = hosts.Contains(',', StringComparison.Ordinal);
        var names = new List<string>();
        foreach (var host in hosts.Split(','))
        {
            var colon = host.LastIndexOf(':');
            var hasPort = colon >= 0 && colon > host.LastIndexOf(']');
            var name = Decode(hasPort ? host[..colon] : host);
            if (!several) name = name.Trim('[', ']');
            if (hasPort && host.Length > colon + 1)
            {
                if (!int.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
                    throw NotUnderstood("its port is not a number from 1 to 65535");
                if (several) name += $":{port}";
                else builder.Port = port;
            }
            if (name.Length == 0) name = "localhost";
            names.Add(name);
        }
        builder.Host = string.Join(',', names);
    }

    private static void Set(NpgsqlConnectionStringBuilder builder, string setting)
    {
        var parts = setting.Split('=', 2);
        var (name, value) = (Decode(parts[0]), parts.Length == 2 ? Decode(parts[1]) : "");
        var keyword = name.ToLowerInvariant() switch
        {
            "dbname" => "Database",
            "user" => "Username",
            "connect_timeout" => "Timeout",
            "sslcert" => "SSL Certificate",
            "sslkey" => "SSL Key",
            "sslrootcert" => "Root Certificate",
            "target_session_attrs" => "Target Session Attributes",
            var other => other.Replace('_', ' '),
        };
        if (keyword is "sslmode") (keyword, value) = ("SSL Mode", value.Replace("-", "", StringComparison.Ordinal));
        try
        {
            builder[keyword] = value;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException)
        {
            throw NotUnderstood($"the store does not know its setting '{name}' or the value given to it", e);
        }
    }

    private static string Decode(string text)
    {
        for (var i = text.IndexOf('%', StringComparison.Ordinal); i >= 0; i = text.IndexOf('%', i + 1))
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                throw NotUnderstood("a % in it must be written as %25");
        return Uri.UnescapeDataString(text);
    }

    private static StartupException NotUnderstood(string why, Exception? inner = null) =>
        new($"DATABASE_URL can't be understood, because {why}: {Example}.", inner);
}
