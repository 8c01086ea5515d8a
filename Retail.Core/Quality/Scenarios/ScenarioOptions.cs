using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Quality.Scenarios;

/// <summary>Settings "Quality".</summary>
public sealed class ScenarioOptions
{
    /// <summary>The catalogue's file; empty for QS-Catalog.md in the content folder, or else beside the program.</summary>
    public string Catalogue { get; init; } = "";

    /// <summary>How long verdicts are kept, in days.</summary>
    [Range(1, 3650)] public int VerdictDays { get; init; } = 90;
}
