using System.Globalization;

namespace Retail.Core.Jobs.Board;

/// <summary>The id of a list's row: j- with a run's key, p- with a promise's.</summary>
internal readonly record struct WorkId(Guid Run, long Promise)
{
    public bool IsJob => Run != Guid.Empty;

    public static WorkId? Parse(string id) =>
        id.StartsWith("j-", StringComparison.Ordinal) && Guid.TryParse(id.AsSpan(2), out var run) ? new(run, 0)
        : id.StartsWith("p-", StringComparison.Ordinal) && long.TryParse(id.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var promise) ? new(Guid.Empty, promise)
        : null;
}
