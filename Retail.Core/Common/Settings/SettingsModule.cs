using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Retail.Core.Common.Settings;

/// <summary>A class of settings as it was registered.</summary>
/// <param name="Name">Where its settings stand, such as "Orders"; empty for plain variables such as SECRET_KEY.</param>
/// <param name="Type">The class.</param>
public sealed record SettingsSection(string Name, Type Type);

/// <summary>The one way to register settings: bound, checked at start, told at start, and listed in docs/configuration.md.</summary>
public static class SettingsModule
{
    /// <summary>Adds a class of settings; harmless when called twice.</summary>
    /// <typeparam name="T">Its properties have defaults, limits (DataAnnotations) and documentation.</typeparam>
    /// <param name="services">The host's services.</param>
    /// <param name="section">Where the settings stand.</param>
    public static OptionsBuilder<T> AddSettings<T>(this IServiceCollection services, string section) where T : class
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<T>();
        if (services.Any(s => s.ImplementationInstance is SettingsSection known && known.Type == typeof(T))) return options;
        services.AddSingleton(new SettingsSection(section, typeof(T)));
        if (section.Length > 0) options.BindConfiguration(section);
        else options.Configure<IConfiguration>((settings, configuration) => configuration.Bind(settings));
        return options.ValidateDataAnnotations().ValidateOnStart();
    }

    /// <summary>Adds what is said at start about version, environment and settings.</summary>
    public static IServiceCollection AddStartupReport(this IServiceCollection services)
    {
        services.AddSettings<RuntimeOptions>("");
        return services.AddHostedService<StartupReport>();
    }

    /// <summary>The classes of settings that were registered, by name.</summary>
    public static IReadOnlyList<SettingsSection> SettingsSections(this IServiceCollection services) =>
        [.. services.Select(s => s.ImplementationInstance).OfType<SettingsSection>().OrderBy(s => s.Name, StringComparer.Ordinal)];
}

/// <summary>A setting that production must have. verify-env lists it.</summary>
/// <param name="advice">One sentence that says what to set.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NeededInProductionAttribute(string advice) : Attribute
{
    /// <summary>One sentence that says what to set.</summary>
    public string Advice { get; } = advice;

    /// <summary>Values that production refuses: defaults that everybody knows.</summary>
    public string[] Refused { get; init; } = [];

    /// <summary>Characters that it must at least have.</summary>
    public int LeastLength { get; init; } = 1;

    /// <summary>On a property that is a class: which of its settings is needed.</summary>
    public string? Inner { get; init; }

    /// <summary>Another property of the class that does as well.</summary>
    public string? Or { get; init; }

    /// <summary>It may be missing; only the refused values matter.</summary>
    public bool MayBeMissing { get; init; }

    /// <summary>Production does not start without it.</summary>
    public bool StopsStart { get; init; }
}

/// <summary>Yes or no, as people write it in environment variables: true, on, yes, 1; false, off, no, 0 or nothing.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SwitchAttribute : ValidationAttribute
{
    private static readonly string[] On = ["true", "on", "yes", "1"], Off = ["false", "off", "no", "0", ""];

    /// <summary>The words that switch on.</summary>
    public static IReadOnlyList<string> OnWords => On;

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null || IsOn(value as string) || Off.Contains(Trim(value as string));

    /// <summary>Whether the text switches on.</summary>
    public static bool IsOn(string? text) => On.Contains(Trim(text));

    private static string Trim(string? text) => (text ?? "").Trim().ToLowerInvariant();
}
