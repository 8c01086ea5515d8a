using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Retail.Core.Flags;

/// <summary>Parts of the store that can be switched to their plain path without a release.</summary>
public enum FeatureFlag
{
    /// <summary>FEATURE_FLAG_USE_SERVICE_LAYER_ORDERS: on, orders that come together share a commit; off, each has its own.</summary>
    Orders,
}

/// <summary>Which switches are on. They start as the environment says and can be changed while the store runs; each start and change is logged.</summary>
public sealed class FeatureFlags
{
    private readonly bool[] _on = new bool[Enum.GetValues<FeatureFlag>().Length];
    private readonly ILogger<FeatureFlags> _logger;

    /// <summary>Reads the settings; a value that is no yes or no is refused at once.</summary>
    /// <exception cref="OptionsValidationException">A flag is neither on nor off.</exception>
    public FeatureFlags(IConfiguration settings, ILogger<FeatureFlags> logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _logger = logger;
        foreach (var flag in Enum.GetValues<FeatureFlag>()) Set(flag, Read(flag, settings[NameOf(flag)]));
    }

    /// <summary>The newer path is taken.</summary>
    public bool IsOn(FeatureFlag flag) => Volatile.Read(ref _on[(int)flag]);

    /// <summary>Switches in this process, from the next order on.</summary>
    public void Set(FeatureFlag flag, bool on)
    {
        Volatile.Write(ref _on[(int)flag], on);
        if (on) _logger.NewPath(flag); else _logger.LegacyPath(flag);
    }

    /// <summary>The environment variable of a flag.</summary>
    public static string NameOf(FeatureFlag flag) => $"FEATURE_FLAG_USE_SERVICE_LAYER_{flag.ToString().ToUpperInvariant()}";

    private static bool Read(FeatureFlag flag, string? text) => text?.Trim().ToUpperInvariant() switch
    {
        null or "" or "1" or "TRUE" or "ON" or "YES" => true,
        "0" or "FALSE" or "OFF" or "NO" => false,
        _ => throw new OptionsValidationException(NameOf(flag), typeof(FeatureFlags), [$"{NameOf(flag)} is true or false, not '{text}'."]),
    };
}

internal static partial class FlagsLog
{
    [LoggerMessage(EventId = 1201, Level = LogLevel.Information, Message = "Using OrderIntake (new service layer) for {Flag}: orders that come together share a commit")]
    public static partial void NewPath(this ILogger logger, FeatureFlag flag);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Information, Message = "Using legacy implementation for {Flag}: each order has its own commit")]
    public static partial void LegacyPath(this ILogger logger, FeatureFlag flag);
}

/// <summary>The switches.</summary>
public static class FlagsModule
{
    /// <summary>Adds <see cref="FeatureFlags"/>.</summary>
    public static IServiceCollection AddFlags(this IServiceCollection services)
    {
        services.TryAddSingleton<FeatureFlags>();
        return services;
    }
}
