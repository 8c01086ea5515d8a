using Serilog.Core;
using Serilog.Events;

namespace Retail.Core.Common.Logs;

/// <summary>The request (or the job) that the running code works for. It follows awaits and started tasks,
/// and unlike a logger scope it costs no dictionary and no walk through scopes for each line.</summary>
public sealed class RequestScope
{
    private static readonly AsyncLocal<RequestScope?> Current = new();

    private readonly string _id;
    private int _queries;

    private RequestScope(string id) => _id = id;

    /// <summary>The id on each line that is logged from here on in this flow of execution; null when there is none.</summary>
    public static string? RequestId
    {
        get => Current.Value?._id;
        set => Current.Value = value is null ? null : new(value);
    }

    /// <summary>How many statements were sent to the database for it so far, whoever sent them and however.</summary>
    public int Queries => Volatile.Read(ref _queries);

    /// <summary>Begins one: the id on each line from here on, and statements counted anew.</summary>
    public static RequestScope Begin(string id) => Current.Value = new(id);

    internal static void CountQuery()
    {
        if (Current.Value is { } current) Interlocked.Increment(ref current._queries);
    }

    /// <summary>Reads the id on the caller's thread: the one that writes the line has no request.</summary>
    internal sealed class Enricher : ILogEventEnricher
    {
        public const string Property = "request_id";

        public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
        {
            if (RequestId is { } id) logEvent.AddOrUpdateProperty(new LogEventProperty(Property, new ScalarValue(id)));
        }
    }
}
