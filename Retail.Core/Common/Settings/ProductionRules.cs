using Microsoft.Extensions.Configuration;

namespace Retail.Core.Common.Settings;

/// <summary>How a setting stands that production needs.</summary>
public enum NeedState
{
    /// <summary>It is set, to something usable.</summary>
    Present,

    /// <summary>It is not set.</summary>
    Missing,

    /// <summary>It has a value that production refuses.</summary>
    Refused,
}

/// <summary>A setting that production needs.</summary>
/// <param name="Setting">Which.</param>
/// <param name="State">How it stands.</param>
public sealed record Need(Setting Setting, NeedState State)
{
    /// <summary>One sentence that says what to set.</summary>
    public string Advice => Setting.Need!.Advice;
}

/// <summary>What production needs.</summary>
public static class ProductionRules
{
    /// <summary>All that production needs, as these settings have it.</summary>
    public static IReadOnlyList<Need> Needs(IEnumerable<SettingsSection> sections, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(sections);
        ArgumentNullException.ThrowIfNull(configuration);
        return [.. sections.SelectMany(Setting.Of).Where(s => s.Need is not null).Select(s => new Need(s, StateOf(s, configuration)))];
    }

    private static NeedState StateOf(Setting setting, IConfiguration configuration)
    {
        var need = setting.Need!;
        var value = configuration[setting.Key];
        if (string.IsNullOrWhiteSpace(value)) value = setting.OrKey is { } other ? configuration[other] : value;
        if (string.IsNullOrWhiteSpace(value)) return need.MayBeMissing ? NeedState.Present : NeedState.Missing;
        return need.Refused.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase) || value.Length < need.LeastLength ? NeedState.Refused : NeedState.Present;
    }
}
