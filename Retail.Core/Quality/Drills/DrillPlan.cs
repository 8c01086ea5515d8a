namespace Retail.Core.Quality.Drills;

/// <summary>What a drill is, for people.</summary>
/// <param name="Name">As typed, in kebab-case.</param>
/// <param name="Title">A few words.</param>
/// <param name="About">What it does and what must hold, in two sentences.</param>
public sealed record DrillPlan(string Name, string Title, string About)
{
    /// <summary>What it can be told, all of it numbers with a default.</summary>
    public IReadOnlyList<DrillParameter> Parameters { get; init; } = [];

    /// <summary>What real shoppers feel of it; null: nothing.</summary>
    public string? Harm { get; init; }

    /// <summary>It charges cards: with a live key of the gateway it is refused.</summary>
    public bool Charges { get; init; } = true;

    /// <summary>It makes the gateway fail: only where the gateway is the simulator.</summary>
    public bool NeedsSimulator { get; init; }

    /// <summary>After this time it is broken off.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(15);
}

/// <summary>A number that a drill can be told.</summary>
/// <param name="Name">As typed after two dashes.</param>
/// <param name="Label">For the page.</param>
/// <param name="Default">When nothing is said.</param>
/// <param name="Min">At least.</param>
/// <param name="Max">At most.</param>
public sealed record DrillParameter(string Name, string Label, int Default, int Min, int Max);

/// <summary>A drill: makes evidence on demand, by doing to the real store what it promises to withstand.</summary>
public interface IDrill
{
    /// <summary>What it is.</summary>
    DrillPlan Plan { get; }

    /// <summary>Does it. Everything it finds goes to the stage as figures; what throws is a failure with that reason.</summary>
    Task RunAsync(DrillStage stage, CancellationToken ct);
}

/// <summary>What was found cannot be told in a figure: the drill could not be brought to its end.</summary>
/// <param name="message">What happened and what to do, in one sentence or two.</param>
public sealed class DrillBrokenException(string message) : Exception(message);

/// <summary>A drill as it was asked for.</summary>
public sealed record DrillWish
{
    /// <summary>Which.</summary>
    public required string Name { get; init; }

    /// <summary>Numbers by name; what is not named has its default.</summary>
    public IReadOnlyDictionary<string, int> Parameters { get; init; } = new Dictionary<string, int>();

    /// <summary>The store's nodes; the first one stands for the store where one is enough.</summary>
    public required IReadOnlyList<Uri> Nodes { get; init; }

    /// <summary>Who asks.</summary>
    public required string AskedBy { get; init; }
}
