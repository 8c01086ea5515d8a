using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Retail.Core.Flags;

/// <summary>
/// Which switches are on, in this process. They start as the environment says; what the table feature_flags says counts for more,
/// and <see cref="FlagListener"/> brings it here while the store runs. Each start and change is logged.
/// </summary>
public sealed class FeatureFlags
{
    /// <summary>Every flag, in the order of menus.</summary>
    public static IReadOnlyList<FeatureFlag> All { get; } = Enum.GetValues<FeatureFlag>();

    private readonly bool[] _environment = new bool[All.Count];
    private readonly bool[] _on = new bool[All.Count];
    private readonly ILogger<FeatureFlags> _logger;

    /// <summary>Reads the settings; a value that is no yes or no is refused at once.</summary>
    /// <exception cref="OptionsValidationException">A flag is neither on nor off.</exception>
    public FeatureFlags(IConfiguration settings, ILogger<FeatureFlags> logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _logger = logger;
        foreach (var flag in All) _on[(int)flag] = _environment[(int)flag] = Read(flag, settings[NameOf(flag)]);
    }

    /// <summary>The newer path is taken.</summary>
    public bool IsOn(FeatureFlag flag) => Volatile.Read(ref _on[(int)flag]);

    /// <summary>What holds while the table has no row: the environment variable, or on where that is not set.</summary>
    public bool ByEnvironment(FeatureFlag flag) => _environment[(int)flag];

    /// <summary>Switches in this process, from the next request on; true when it stood otherwise.</summary>
    public bool Set(FeatureFlag flag, bool on)
    {
        var was = Interlocked.Exchange(ref _on[(int)flag], on);
        if (was != on) Tell(flag);
        return was != on;
    }

    /// <summary>Before anything runs: said in the log together with the others.</summary>
    internal void SetQuietly(FeatureFlag flag, bool on) => Volatile.Write(ref _on[(int)flag], on);

    /// <summary>Says in the log where each flag stands.</summary>
    internal void TellAll()
    {
        foreach (var flag in All) Tell(flag);
    }

    /// <summary>The environment variable of a flag, also its name on the command line.</summary>
    public static string NameOf(FeatureFlag flag) => $"FEATURE_FLAG_USE_SERVICE_LAYER_{flag.ToString().ToUpperInvariant()}";

    /// <summary>The flag of that name: PRODUCTS, products or the whole environment variable; null when there is none.</summary>
    public static FeatureFlag? Find(string name)
    {
        foreach (var flag in All)
            if (string.Equals(name, flag.ToString(), StringComparison.OrdinalIgnoreCase) || string.Equals(name, NameOf(flag), StringComparison.OrdinalIgnoreCase)) return flag;
        return null;
    }

    private void Tell(FeatureFlag flag)
    {
        var (words, name) = (IsOn(flag) ? FlagWords.New(flag) : FlagWords.Legacy(flag), NameOf(flag));
        if (IsOn(flag)) _logger.NewPath(words, name); else _logger.LegacyPath(words, name);
    }

    private static bool Read(FeatureFlag flag, string? text) => text?.Trim().ToUpperInvariant() switch
    {
        null or "" or "1" or "TRUE" or "ON" or "YES" => true,
        "0" or "FALSE" or "OFF" or "NO" => false,
        _ => throw new OptionsValidationException(NameOf(flag), typeof(FeatureFlags), [$"{NameOf(flag)} is true or false, not '{text}'."]),
    };
}
