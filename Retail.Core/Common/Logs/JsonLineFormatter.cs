using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Json;
using Serilog.Parsing;

namespace Retail.Core.Common.Logs;

/// <summary>One JSON object a line with exactly the keys timestamp, level, logger, message, request_id and extra.
/// Names in extra are snake_case; secrets and card numbers are masked (<see cref="Redaction"/>).</summary>
public sealed class JsonLineFormatter : ITextFormatter
{
    private static readonly RedactedValues Values = new();
    private static readonly ConcurrentDictionary<string, (string Json, bool Secret)> Names = new();
    private static readonly Func<string, (string, bool)> MakeName =
        name => (JsonNamingPolicy.SnakeCaseLower.ConvertName(name), Redaction.IsSecretName(name));

    /// <inheritdoc />
    public void Format(LogEvent logEvent, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        ArgumentNullException.ThrowIfNull(output);
        output.Write("{\"timestamp\":\"");
        output.Write(logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        output.Write("\",\"level\":\"");
        output.Write(Level(logEvent.Level));
        output.Write("\",\"logger\":");
        Quote(Scalar(logEvent, "SourceContext") ?? "retail", output);
        output.Write(",\"message\":");
        Quote(Redaction.Text(Message(logEvent)), output);
        output.Write(",\"request_id\":");
        if (Scalar(logEvent, RequestScope.Enricher.Property) is { } id) Quote(id, output); else output.Write("null");
        output.Write(",\"extra\":{");
        Extra(logEvent, output);
        output.Write("}}\n");
    }

    private static string Level(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose or LogEventLevel.Debug => "DEBUG",
        LogEventLevel.Information => "INFO",
        LogEventLevel.Warning => "WARNING",
        _ => "ERROR",
    };

    private static string? Scalar(LogEvent line, string name) =>
        line.Properties.TryGetValue(name, out var value) && value is ScalarValue { Value: string text } ? text : null;

    private static string Message(LogEvent line)
    {
        if (line.MessageTemplate.Text.AsSpan().IndexOfAny('{', '}') < 0) return line.MessageTemplate.Text;
        var text = new StringBuilder();
        using var writer = new StringWriter(text, CultureInfo.InvariantCulture);
        foreach (var token in line.MessageTemplate.Tokens)
        {
            if (token is not PropertyToken hole || !line.Properties.TryGetValue(hole.PropertyName, out var value))
                token.Render(line.Properties, writer, CultureInfo.InvariantCulture);
            else if (NameOf(hole.PropertyName).Secret) writer.Write(Redaction.Mask);
            else if (value is ScalarValue { Value: string plain }) writer.Write(plain);   // without the quotes that Serilog adds
            else if (value is ScalarValue) hole.Render(line.Properties, writer, CultureInfo.InvariantCulture);
            else Values.Format(value, writer);
        }
        return text.ToString();
    }

    private static void Extra(LogEvent line, TextWriter output)
    {
        var first = true;
        foreach (var (name, value) in line.Properties)
        {
            // The first two are keys of their own; the event's id says what its message says; Kestrel puts its connection everywhere.
            if (name is "SourceContext" or RequestScope.Enricher.Property or "EventId" or "ConnectionId") continue;
            Name(name, ref first, output);
            Values.Named(name, value, output);
        }
        if (line.Exception is not { } exception) return;
        Name("exception", ref first, output);
        Quote(Redaction.Text(exception.ToString()), output);
    }

    private static void Name(string name, ref bool first, TextWriter output)
    {
        if (!first) output.Write(',');
        first = false;
        Quote(NameOf(name).Json, output);
        output.Write(':');
    }

    private static (string Json, bool Secret) NameOf(string name) => Names.GetOrAdd(name, MakeName);

    private static void Quote(string text, TextWriter output) => JsonValueFormatter.WriteQuotedJsonString(text, output);

    private sealed class RedactedValues : JsonValueFormatter
    {
        public void Named(string name, LogEventPropertyValue value, TextWriter output)
        {
            if (NameOf(name).Secret) Quote(Redaction.Mask, output);
            else Visit(output, value);
        }

        protected override bool VisitStructureValue(TextWriter state, StructureValue structure)
        {
            var first = true;
            state.Write('{');
            foreach (var property in structure.Properties)
            {
                Name(property.Name, ref first, state);
                Named(property.Name, property.Value, state);
            }
            state.Write('}');
            return false;
        }

        protected override bool VisitDictionaryValue(TextWriter state, DictionaryValue dictionary)
        {
            var first = true;
            state.Write('{');
            foreach (var (key, value) in dictionary.Elements)
            {
                var name = Redaction.Text(key.Value?.ToString() ?? "null");
                if (!first) state.Write(',');
                first = false;
                Quote(name, state);
                state.Write(':');
                // Keys are data here: not remembered, or the table of names would grow without end.
                if (Redaction.IsSecretName(name)) Quote(Redaction.Mask, state); else Visit(state, value);
            }
            state.Write('}');
            return false;
        }

        protected override void FormatLiteralValue(object? value, TextWriter output)
        {
            switch (value)
            {
                case string text: Quote(Redaction.Text(text), output); break;
                case null or bool or int or double or Guid: base.FormatLiteralValue(value, output); break;
                case long or ulong or decimal when Redaction.IsCardNumber(Convert.ToDecimal(value, CultureInfo.InvariantCulture)): Quote(Redaction.Mask, output); break;
                case long or ulong or decimal or uint or short or ushort or byte or sbyte or float or DateTime or DateTimeOffset or TimeSpan: base.FormatLiteralValue(value, output); break;
                default: Quote(Redaction.Text(value.ToString() ?? ""), output); break;
            }
        }
    }
}
