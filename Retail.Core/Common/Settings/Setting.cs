using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Retail.Core.Common.Logs;

namespace Retail.Core.Common.Settings;

/// <summary>One setting, as its class says it.</summary>
public sealed record Setting
{
    /// <summary>Its name in a settings file or on the command line: Logs:Folder.</summary>
    public required string Key { get; init; }

    /// <summary>The same as an environment variable: Logs__Folder.</summary>
    public string Variable => Key.Replace(":", "__", StringComparison.Ordinal);

    /// <summary>What holds when it is not set.</summary>
    public required string Default { get; init; }

    /// <summary>What it may be.</summary>
    public required string Limits { get; init; }

    /// <summary>What it is for.</summary>
    public string Meaning => XmlDocs.SummaryOf(Property);

    /// <summary>What production wants of it; null for nothing.</summary>
    public NeededInProductionAttribute? Need { get; init; }

    /// <summary>The setting that does as well, of <see cref="NeededInProductionAttribute.Or"/>.</summary>
    public string? OrKey { get; init; }

    private PropertyInfo Property { get; init; } = null!;

    /// <summary>Its value is never shown.</summary>
    public bool IsSecret => Redaction.IsSecretName(Key) || Key.EndsWith("Key", StringComparison.Ordinal);

    /// <summary>The settings of a registered class, nested classes and lists included.</summary>
    public static IReadOnlyList<Setting> Of(SettingsSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return [.. Of(section.Name, section.Type)];
    }

    /// <summary>A value as it may be shown: secrets as whether they are set, addresses without what they carry.</summary>
    public string Show(string? value)
    {
        if (IsSecret) return string.IsNullOrEmpty(value) ? "(not set)" : "(set)";
        var shown = Redaction.Text(value ?? "");
        var query = shown.Contains("://", StringComparison.Ordinal) ? shown.IndexOf('?', StringComparison.Ordinal) : -1;
        return query < 0 ? shown : shown[..query] + "?…";
    }

    private static IEnumerable<Setting> Of(string prefix, Type type)
    {
        var defaults = Activator.CreateInstance(type);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is { IsPublic: true }))
        {
            var key = Join(prefix, property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name);
            var value = property.GetValue(defaults);
            if (ElementOf(property.PropertyType) is { } element && IsOwn(element))
                foreach (var inner in Of(Join(key, "0"), element)) yield return inner;
            else if (IsOwn(property.PropertyType))
                foreach (var inner in Of(key, property.PropertyType)) yield return inner.Key == InnerKey(key, property) ? inner.NeededAs(key, property) : inner;
            else yield return Of(prefix, key, property, value);
        }
    }

    private static Setting Of(string prefix, string key, PropertyInfo property, object? value) => new()
    {
        Key = ElementOf(property.PropertyType) is null ? key : Join(key, "0"),
        Default = Text(value),
        Limits = LimitsOf(property),
        Property = property,
        Need = property.GetCustomAttribute<NeededInProductionAttribute>(),
        OrKey = property.GetCustomAttribute<NeededInProductionAttribute>()?.Or is { } other ? Join(prefix, other) : null,
    };

    private static string? InnerKey(string key, PropertyInfo property) =>
        property.GetCustomAttribute<NeededInProductionAttribute>()?.Inner is { } inner ? Join(key, inner) : null;

    private Setting NeededAs(string key, PropertyInfo outer)
    {
        var need = outer.GetCustomAttribute<NeededInProductionAttribute>()!;
        return this with { Need = need, OrKey = need.Or is { } other ? Join(key, other) : null };
    }

    private static string Join(string prefix, string name) => prefix.Length > 0 ? $"{prefix}:{name}" : name;

    private static bool IsOwn(Type type) => type.IsClass && type.Assembly.GetName().Name!.StartsWith("Retail.", StringComparison.Ordinal);

    private static Type? ElementOf(Type type) => type == typeof(string) ? null : type.IsArray ? type.GetElementType()
        : type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[^1] : null;

    private static string Text(object? value) => value switch
    {
        null => "",
        bool yes => yes ? "true" : "false",
        string text => text,
        IEnumerable list => string.Join(", ", list.Cast<object>().Select(Text)),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string LimitsOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var said = new List<string>();
        if (type == typeof(bool) || property.IsDefined(typeof(SwitchAttribute))) said.Add("true or false");
        if (type.IsEnum) said.Add(string.Join(", ", Enum.GetNames(type)));
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
            if (rule switch
            {
                RequiredAttribute => "not empty",
                RangeAttribute range => $"{Text(range.Minimum)} to {Text(range.Maximum)}",
                MaxLengthAttribute most => $"at most {most.Length}{(type == typeof(string) ? " characters" : "")}",
                MinLengthAttribute least => $"at least {least.Length}{(type == typeof(string) ? " characters" : "")}",
                RegularExpressionAttribute pattern => $"of the form {pattern.Pattern}",
                _ => null,
            } is { } words) said.Add(words);
        return string.Join("; ", said);
    }
}
