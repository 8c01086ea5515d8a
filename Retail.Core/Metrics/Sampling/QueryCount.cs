namespace Retail.Core.Metrics.Sampling;

/// <summary>How many statements the running request has sent to the database. It follows awaits and started tasks;
/// <see cref="DatabaseMeter"/> counts, whoever sends the statement and however.</summary>
public sealed class QueryCount
{
    private static readonly AsyncLocal<QueryCount?> Ambient = new();
    private int _count;

    /// <summary>Statements so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts anew from here on in this flow of execution.</summary>
    public static QueryCount Begin() => Ambient.Value = new();

    internal static void Add()
    {
        if (Ambient.Value is { } current) Interlocked.Increment(ref current._count);
    }
}
