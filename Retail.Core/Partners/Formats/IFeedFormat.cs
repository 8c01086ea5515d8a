using Retail.Core.Partners.Content;

namespace Retail.Core.Partners.Formats;

/// <summary>
/// A format that partners' feeds come in: turns a file into rows, and nothing else. What the rows must be is checked for all formats
/// alike. A new format is one new class in this folder with its sample file; nobody else knows it.
/// </summary>
public interface IFeedFormat
{
    /// <summary>Stable, in kebab-case: it stands in the database.</summary>
    string Key { get; }

    /// <summary>What people read.</summary>
    string Name { get; }

    /// <summary>The sample file in the folder Samples; partners can download it.</summary>
    string Sample { get; }

    /// <summary>Reads a file row by row, never holding more than a row (or the rows of one product).</summary>
    /// <exception cref="FeedUnreadableException">Nothing of it can be used.</exception>
    IAsyncEnumerable<FeedRow> ReadAsync(FeedFile file, CancellationToken ct);
}

/// <summary>A row as a file has it: nothing of it is checked yet.</summary>
/// <param name="Line">Where it begins in the file, from 1.</param>
public sealed record FeedRow(long Line)
{
    /// <summary>Values by the names of <see cref="FeedField"/>; empty ones are left out.</summary>
    public Dictionary<string, string> Fields { get; } = [];

    /// <summary>What tells it from other variants of its product, such as Size and M, in the order to show.</summary>
    public List<(string Name, string Value)> Options { get; } = [];

    /// <summary>Its fact sheet, beyond the options.</summary>
    public List<(string Name, string Value)> Facts { get; } = [];

    /// <summary>Further pictures.</summary>
    public List<string> Pictures { get; } = [];

    /// <summary>Why nothing can be made of it; null when something can.</summary>
    public string? Problem { get; init; }

    /// <summary>Nothing after it was read, because of the problem.</summary>
    public bool IsCut { get; init; }

    /// <summary>The value of a field, or null.</summary>
    public string? this[string field] => Fields.GetValueOrDefault(field);

    /// <summary>A row of which nothing can be made.</summary>
    public static FeedRow Broken(long line, string problem, bool isCut = false) => new(line) { Problem = problem, IsCut = isCut };
}
