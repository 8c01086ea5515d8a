using System.Reflection;
using System.Reflection.Emit;
using Retail.Core.Common;

namespace Retail.Core.Quality.Scenarios.SelfTest;

/// <summary>A program on disk to be looked through: two feed formats and as many refusals as wanted, and when asked for, one fault. It is never run.</summary>
internal sealed class PlantedProgram : IDisposable
{
    private static readonly ConstructorInfo NewRefusal = typeof(ServiceError).GetConstructors().Single(c => c.GetParameters().Length == 4);

    private PlantedProgram(string folder) => Folder = folder;

    public string Folder { get; }

    public static PlantedProgram Empty() => new(Directory.CreateTempSubdirectory("retail-selftest-").FullName);

    /// <param name="refusals">How many refusals with good words.</param>
    /// <param name="fault">The query that must find something: format_references or unhelpful_messages; null for a program without fault.</param>
    public static PlantedProgram With(long refusals, string? fault)
    {
        var program = Empty();
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("Retail.Planted"), typeof(object).Assembly);
        var module = assembly.DefineDynamicModule("Retail.Planted");
        const string formats = "Retail.Core.Partners.Formats";
        var shape = module.DefineType($"{formats}.IPlanted", TypeAttributes.Interface | TypeAttributes.Abstract | TypeAttributes.Public);
        shape.CreateType();
        var made = new List<ConstructorBuilder>();
        foreach (var name in (string[])["One", "Two"])
        {
            var format = module.DefineType($"{formats}.{name}", TypeAttributes.Public | TypeAttributes.Sealed, typeof(object), [shape]);
            made.Add(format.DefineDefaultConstructor(MethodAttributes.Public));
            format.CreateType();
        }
        var core = module.DefineType("Retail.Core.Orders.Planted", TypeAttributes.Public | TypeAttributes.Sealed);
        var il = core.DefineMethod("Run", MethodAttributes.Public | MethodAttributes.Static, typeof(void), []).GetILGenerator();
        for (var i = 0; i < refusals; i++) Refuse(il, "This name is taken. Choose another one.");
        if (fault == "unhelpful_messages") Refuse(il, "The name is not good.");
        if (fault == "format_references")
        {
            il.Emit(OpCodes.Newobj, made[0]);
            il.Emit(OpCodes.Pop);
        }
        il.Emit(OpCodes.Ret);
        core.CreateType();
        assembly.Save(Path.Combine(program.Folder, "Retail.Planted.dll"));
        return program;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static void Refuse(ILGenerator il, string words)
    {
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Ldstr, "name_taken");
        il.Emit(OpCodes.Ldstr, words);
        il.Emit(OpCodes.Ldstr, "");
        il.Emit(OpCodes.Newobj, NewRefusal);
        il.Emit(OpCodes.Pop);
    }
}
