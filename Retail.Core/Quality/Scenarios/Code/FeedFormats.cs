using System.Reflection;
using System.Reflection.Metadata;

namespace Retail.Core.Quality.Scenarios.Code;

/// <summary>Who knows a concrete feed format. A format is a class in the formats' namespace that implements one of its interfaces; nobody outside may name it.</summary>
internal static class FeedFormats
{
    private const string Home = "Retail.Core.Partners.Formats";

    /// <summary>The formats in a folder's assemblies, and each outside type that names one.</summary>
    public static (IReadOnlyList<string> Formats, IReadOnlyList<(string Outsider, string Format)> Uses) In(string folder)
    {
        var program = AssemblyCode.In(folder);
        try
        {
            var formats = program.SelectMany(FormatsOf).ToHashSet();
            var uses = new List<(string, string)>();
            foreach (var code in program)
            {
                var names = new TypeUses(code);
                foreach (var type in code.Metadata.TypeDefinitions)
                    if (code.NameOf(type) is var name && !IsHome(name))
                        uses.AddRange(names.Of(type).Where(formats.Contains).Select(format => (name, format)));
            }
            return ([.. formats.Order(StringComparer.Ordinal)], uses);
        }
        finally
        {
            foreach (var code in program) code.Dispose();
        }
    }

    private static IEnumerable<string> FormatsOf(AssemblyCode code)
    {
        foreach (var handle in code.Metadata.TypeDefinitions)
        {
            var type = code.Metadata.GetTypeDefinition(handle);
            var name = code.NameOf(handle);
            if (!IsHome(name) || name.Contains('+', StringComparison.Ordinal) || type.Attributes.HasFlag(TypeAttributes.Abstract)) continue;
            if (type.GetInterfaceImplementations().Any(i => IsHome(InterfaceName(code, code.Metadata.GetInterfaceImplementation(i).Interface)))) yield return name;
        }
    }

    private static string InterfaceName(AssemblyCode code, EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeDefinition => code.NameOf((TypeDefinitionHandle)handle),
        HandleKind.TypeReference => code.NameOf((TypeReferenceHandle)handle),
        _ => "",
    };

    private static bool IsHome(string name) => name.StartsWith(Home + ".", StringComparison.Ordinal);
}
