using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Text.RegularExpressions;

namespace Retail.Core.Quality.Scenarios.Code;

/// <summary>A refusal that the program can give: its code, and its words with an ellipsis where a value stands.</summary>
internal sealed record RefusalText(string Where, string Code, string Words);

/// <summary>
/// All refusals of the program, found where they are made: the literals that a method loads before it makes a ServiceError, or calls a
/// method of its own that makes one. The words on both sides of a choice are two messages.
/// </summary>
internal static partial class Refusals
{
    private const string Made = "Retail.Core.Common.ServiceError";

    public const int MostWords = 50;

    public static IReadOnlyList<RefusalText> In(string folder)
    {
        var program = AssemblyCode.In(folder);
        try
        {
            return [.. program.SelectMany(Of)];
        }
        finally
        {
            foreach (var code in program) code.Dispose();
        }
    }

    /// <summary>What is wrong with a message; null when it is fit for people.</summary>
    public static string? Fault(string words)
    {
        var count = words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        return count > MostWords ? $"has {count} words" : Advice().IsMatch(words) ? null : "gives no advice";
    }

    private static IEnumerable<RefusalText> Of(AssemblyCode code)
    {
        foreach (var handle in code.Metadata.TypeDefinitions)
        {
            var where = code.NameOf(handle);
            foreach (var method in code.Metadata.GetTypeDefinition(handle).GetMethods())
                foreach (var text in Of(code, where, code.Metadata.GetMethodDefinition(method))) yield return text;
        }
    }

    // A message is put together of literals until the error is made; a jump that is always taken ends one side of a choice.
    private static IEnumerable<RefusalText> Of(AssemblyCode code, string where, MethodDefinition method)
    {
        var (name, sides, side) = ("", new List<string>(), "");
        foreach (var instruction in code.Read(method))
        {
            switch (instruction.Code)
            {
                case ILOpCode.Ldstr when code.Text(instruction) is var text && CodeName().IsMatch(text):
                    (name, side) = (text, "");
                    sides.Clear();
                    break;
                case ILOpCode.Ldstr when side.Length > 0 && FieldName().IsMatch(code.Text(instruction)):
                    break;   // the input at fault
                case ILOpCode.Ldstr:
                    side = side.Length > 0 && !side.EndsWith('…') ? $"{side}…{code.Text(instruction)}" : side + code.Text(instruction);
                    break;
                case ILOpCode.Br or ILOpCode.Br_s when name.Length > 0 && side.Length > 0:
                    sides.Add(side);
                    side = "";
                    break;
                case ILOpCode.Newobj or ILOpCode.Call or ILOpCode.Callvirt when MakesRefusal(code, instruction):
                    if (name.Length > 0)
                        foreach (var words in sides.Append(side).Where(s => s.Contains(' ', StringComparison.Ordinal))) yield return new(where, name, words.Trim());
                    (name, side) = ("", "");
                    sides.Clear();
                    break;
                default:
                    break;
            }
        }
    }

    private static bool MakesRefusal(AssemblyCode code, Instruction instruction)
    {
        var handle = MetadataTokens.EntityHandle(instruction.Token);
        if (instruction.Code == ILOpCode.Newobj) return ParentOf(code, handle) == Made;
        // A short cut such as Bad(code, message, field).
        return handle.Kind == HandleKind.MethodDefinition
            && code.Metadata.GetMethodDefinition((MethodDefinitionHandle)handle).DecodeSignature(new TypeUses(code), null).ReturnType == Made;
    }

    private static string ParentOf(AssemblyCode code, EntityHandle handle) => handle.Kind switch
    {
        HandleKind.MethodDefinition => code.NameOf(code.Metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType()),
        HandleKind.MemberReference when code.Metadata.GetMemberReference((MemberReferenceHandle)handle).Parent is { Kind: HandleKind.TypeReference } parent => code.NameOf((TypeReferenceHandle)parent),
        _ => "",
    };

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)+$|^(busy|locked|empty)$")]
    private static partial Regex CodeName();

    [GeneratedRegex(@"^[A-Z]?[A-Za-z]+[A-Za-z.\[\]0-9]*$")]
    private static partial Regex FieldName();

    // A sentence, or a part of one, that begins with what to do; or that tells what one can do.
    [GeneratedRegex(@"(?:^|[.;:!?…,] ?|\b(?:please|then|or|and|first) )(?:add|ask|begin|cancel|change|check|choose|contact|copy|correct|create|enter|fill|give|go|leave|look|lower|make|move|name|open|order|pick|press|put|raise|read|reload|remove|rename|repeat|restart|run|save|say|send|set|shorten|sign|split|start|switch|take|tell|try|untick|tick|undo|use|wait|write)\b|\byou can\b|\bwith --[a-z]",
        RegexOptions.IgnoreCase)]
    private static partial Regex Advice();
}
