using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Retail.Core.Quality.Scenarios.Code;

/// <summary>One assembly's code as it lies on disk: types, methods and their instructions. Nothing is loaded or run.</summary>
internal sealed class AssemblyCode : IDisposable
{
    private static readonly Dictionary<int, OperandType> Operands = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(code => code.Value & 0xFFFF, code => code.OperandType);

    private readonly PEReader _file;

    private AssemblyCode(PEReader file) => (_file, Metadata) = (file, file.GetMetadataReader());

    public MetadataReader Metadata { get; }

    /// <summary>The store's own assemblies in a folder; tests and benches are not the program.</summary>
    public static IReadOnlyList<AssemblyCode> In(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "Retail.*.dll").Order(StringComparer.Ordinal)
            .Where(file => Path.GetFileNameWithoutExtension(file) is not ("Retail.Tests" or "Retail.Bench"))
            .Select(file => new AssemblyCode(new PEReader(new MemoryStream(File.ReadAllBytes(file))))),
    ];

    /// <summary>Every instruction of a method, in its order.</summary>
    public IEnumerable<Instruction> Read(MethodDefinition method)
    {
        if (method.RelativeVirtualAddress == 0) yield break;
        var il = _file.GetMethodBody(method.RelativeVirtualAddress).GetILContent();
        for (var at = 0; at < il.Length;)
        {
            int code = il[at++];
            if (code == 0xFE) code = 0xFE00 | il[at++];
            var operand = Operands[code];
            var token = operand is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok or OperandType.InlineString or OperandType.InlineSig
                ? il[at] | il[at + 1] << 8 | il[at + 2] << 16 | il[at + 3] << 24 : 0;
            yield return new((ILOpCode)code, token);
            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * (il[at] | il[at + 1] << 8 | il[at + 2] << 16 | il[at + 3] << 24),
                _ => 4,
            };
        }
    }

    /// <summary>A type's full name; a nested one's begins with the name of the type around it.</summary>
    public string NameOf(TypeDefinitionHandle handle)
    {
        var type = Metadata.GetTypeDefinition(handle);
        var name = Metadata.GetString(type.Name);
        if (type.GetDeclaringType() is { IsNil: false } around) return $"{NameOf(around)}+{name}";
        return type.Namespace.IsNil ? name : $"{Metadata.GetString(type.Namespace)}.{name}";
    }

    public string NameOf(TypeReferenceHandle handle)
    {
        var type = Metadata.GetTypeReference(handle);
        var name = Metadata.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference) return $"{NameOf((TypeReferenceHandle)type.ResolutionScope)}+{name}";
        return type.Namespace.IsNil ? name : $"{Metadata.GetString(type.Namespace)}.{name}";
    }

    /// <summary>The text that a string instruction loads.</summary>
    public string Text(Instruction load) => Metadata.GetUserString(MetadataTokens.UserStringHandle(load.Token & 0xFFFFFF));

    public void Dispose() => _file.Dispose();
}

/// <summary>An instruction with the token that it names; 0 when it names none.</summary>
internal readonly record struct Instruction(ILOpCode Code, int Token);
