using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Retail.Core.Common.Settings;

/// <summary>What the code's documentation says, read from the file that the compiler writes beside an assembly.</summary>
internal static partial class XmlDocs
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, string>> Files = new();

    /// <summary>The summary of a property; empty where it has none or the file is not there.</summary>
    public static string SummaryOf(PropertyInfo property) =>
        Files.GetOrAdd(property.DeclaringType!.Assembly, Read).GetValueOrDefault($"P:{property.DeclaringType.FullName!.Replace('+', '.')}.{property.Name}", "");

    /// <summary>The summary of a class.</summary>
    public static string SummaryOf(Type type) => Files.GetOrAdd(type.Assembly, Read).GetValueOrDefault($"T:{type.FullName!.Replace('+', '.')}", "");

    private static Dictionary<string, string> Read(Assembly assembly)
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        if (!File.Exists(file)) return [];
        return XDocument.Load(file).Descendants("member").Where(m => m.Element("summary") is not null)
            .ToDictionary(m => m.Attribute("name")!.Value, m => Plain(m.Element("summary")!));
    }

    private static string Plain(XElement summary)
    {
        foreach (var link in summary.Descendants("see").ToList())
            link.ReplaceWith(link.Value.Length > 0 ? link.Value : (link.Attribute("cref")?.Value ?? link.Attribute("langword")?.Value ?? "").Split('.', ':')[^1]);
        return Blanks().Replace(summary.Value.Trim(), " ");
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
