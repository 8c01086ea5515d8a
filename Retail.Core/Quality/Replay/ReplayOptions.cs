using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Quality.Replay;

/// <summary>Settings "Replay": which requests are recorded, to be sent again after a change.</summary>
public sealed class ReplayOptions
{
    /// <summary>Requests of strangers are recorded.</summary>
    public bool Record { get; init; } = true;

    /// <summary>So many an hour of one route on one node.</summary>
    [Range(1, 1000)] public int PerRoute { get; init; } = 3;

    /// <summary>They are kept for so many days.</summary>
    [Range(1, 90)] public int KeepDays { get; init; } = 7;
}
