namespace Retail.Core.Quality.Scenarios;

/// <summary>A promise of the store in its six parts, as QS-Catalog.md tells it, with the measures that decide whether it holds.</summary>
public sealed record Scenario
{
    /// <summary>Short and stable: A1.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Title { get; init; }

    /// <summary>The quality that it belongs to: the heading above it.</summary>
    public required string Quality { get; init; }

    /// <summary>What is promised, in one sentence.</summary>
    public required string Promise { get; init; }

    /// <summary>Source, stimulus, environment, artifact, response and response measure, in this order; each with its words.</summary>
    public required IReadOnlyList<(string Name, string Text)> Parts { get; init; }

    /// <summary>All of them must hold.</summary>
    public required IReadOnlyList<Measure> Measures { get; init; }

    /// <summary>How evidence comes to be, in words.</summary>
    public required string Exercise { get; init; }

    /// <summary>The drill that makes evidence, if there is one.</summary>
    public string? Drill { get; init; }

    /// <summary>Where it begins in the file.</summary>
    public required int Line { get; init; }

    /// <summary>The response measure, in words.</summary>
    public string ResponseMeasure => Parts[^1].Text;
}

/// <summary>A mistake in the catalogue, for the person who made it.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Line">From 1; 0 when it is about the file itself.</param>
/// <param name="Message">What is wrong and what was expected.</param>
public sealed record CatalogueMistake(string File, int Line, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Line == 0 ? $"{File}: {Message}" : $"{File}:{Line}: {Message}";
}

/// <summary>What one reading of the file gave.</summary>
/// <param name="Scenarios">In the order of the file; with a mistake in the file, those that could be read.</param>
/// <param name="Mistakes">Empty when all is well.</param>
/// <param name="Fingerprint">Changes with every change of the file.</param>
public sealed record QualityCatalogue(IReadOnlyList<Scenario> Scenarios, IReadOnlyList<CatalogueMistake> Mistakes, string Fingerprint);
