using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Retail.Core.Quality.Scenarios.Code;

namespace Retail.Core.Quality.Scenarios.Queries;

/// <summary>Questions about the program itself. Its files do not change while it runs, so each folder is looked through once.</summary>
internal static class CodeQueries
{
    private static readonly ConcurrentDictionary<string, QueryAnswer> Formats = new(), Messages = new();

    public static readonly NamedQuery FormatReferences = new("format_references", "",
        "References to a concrete feed format from code outside the formats' folder, found in the program's own assemblies", "formats")
    {
        AskAsync = (context, _) => Task.FromResult(Formats.GetOrAdd(context.Program, LookForFormats)),
    };

    public static readonly NamedQuery UnhelpfulMessages = new("unhelpful_messages", "",
        "Refusals in the program's own assemblies that give no advice or have more than 50 words", "refusals")
    {
        AskAsync = (context, _) => Task.FromResult(Messages.GetOrAdd(context.Program, LookAtMessages)),
    };

    private static QueryAnswer LookForFormats(string folder)
    {
        var (formats, uses) = FeedFormats.In(folder);
        IEnumerable<JsonObject> rows = uses.Count > 0
            ? uses.Take(20).Select(u => new JsonObject { ["type"] = u.Outsider, ["knows"] = u.Format })
            : formats.Select(format => new JsonObject { ["format"] = format, ["known_outside_by"] = 0 });
        return new(uses.Count, formats.Count, null, [.. rows]);
    }

    private static QueryAnswer LookAtMessages(string folder)
    {
        var refusals = Refusals.In(folder);
        var faulty = refusals.Select(r => (Refusal: r, Fault: Refusals.Fault(r.Words))).Where(r => r.Fault is not null).ToList();
        return new(faulty.Count, refusals.Count, null,
            [.. faulty.Take(20).Select(f => new JsonObject { ["code"] = f.Refusal.Code, ["fault"] = f.Fault, ["words"] = f.Refusal.Words, ["type"] = f.Refusal.Where })]);
    }
}
