using Serilog.Core;
using Serilog.Events;

namespace Retail.Core.Common.Logs;

/// <summary>The request (or the job) that the running code works for. It follows awaits and started tasks,
/// and unlike a logger scope it costs no dictionary and no walk through scopes for each line.</summary>
public static class RequestScope
{
    private static readonly AsyncLocal<string?> Current = new();

    /// <summary>The id on each line that is logged from here on in this flow of execution; null when there is none.</summary>
    public static string? RequestId
    {
        get => Current.Value;
        set => Current.Value = value;
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
