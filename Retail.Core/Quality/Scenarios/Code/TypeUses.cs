using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Retail.Core.Quality.Scenarios.Code;

/// <summary>Which types a piece of code names: in what it derives from, holds, takes, answers, makes and calls.</summary>
internal sealed class TypeUses(AssemblyCode code) : ISignatureTypeProvider<string, object?>
{
    private readonly MetadataReader _metadata = code.Metadata;
    private HashSet<string> _names = [];

    /// <summary>The names of all types that a type knows.</summary>
    public IReadOnlySet<string> Of(TypeDefinitionHandle handle)
    {
        _names = [];
        var type = _metadata.GetTypeDefinition(handle);
        Add(type.BaseType);
        foreach (var implemented in type.GetInterfaceImplementations()) Add(_metadata.GetInterfaceImplementation(implemented).Interface);
        foreach (var field in type.GetFields()) _metadata.GetFieldDefinition(field).DecodeSignature(this, null);
        foreach (var each in type.GetMethods())
        {
            var method = _metadata.GetMethodDefinition(each);
            method.DecodeSignature(this, null);
            foreach (var instruction in code.Read(method))
                if (instruction is { Token: not 0 } and not { Code: ILOpCode.Ldstr }) Add(MetadataTokens.EntityHandle(instruction.Token));
        }
        return _names;
    }

    private void Add(EntityHandle handle)
    {
        if (handle.IsNil) return;
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition: GetTypeFromDefinition(_metadata, (TypeDefinitionHandle)handle, 0); break;
            case HandleKind.TypeReference: GetTypeFromReference(_metadata, (TypeReferenceHandle)handle, 0); break;
            case HandleKind.TypeSpecification: _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null); break;
            case HandleKind.MethodDefinition: Add(_metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType()); break;
            case HandleKind.FieldDefinition: Add(_metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType()); break;
            case HandleKind.MemberReference: Add(_metadata.GetMemberReference((MemberReferenceHandle)handle).Parent); break;
            case HandleKind.MethodSpecification:
                var specific = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Add(specific.Method);
                specific.DecodeSignature(this, null);
                break;
            default: break;   // a signature of a call through a pointer names nobody
        }
    }

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Name(code.NameOf(handle));

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Name(code.NameOf(handle));

    public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetArrayType(string elementType, ArrayShape shape) => elementType;

    public string GetByReferenceType(string elementType) => elementType;

    public string GetFunctionPointerType(MethodSignature<string> signature) => "";

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => genericType;

    public string GetGenericMethodParameter(object? genericContext, int index) => "";

    public string GetGenericTypeParameter(object? genericContext, int index) => "";

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

    public string GetPinnedType(string elementType) => elementType;

    public string GetPointerType(string elementType) => elementType;

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => "";

    public string GetSZArrayType(string elementType) => elementType;

    private string Name(string name)
    {
        _names.Add(name);
        return name;
    }
}
