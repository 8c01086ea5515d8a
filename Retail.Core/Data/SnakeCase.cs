using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Retail.Core.Data;

/// <summary>Names columns, keys and indexes as PostgreSQL people write them, turns Version into xmin and makes Currency three letters.</summary>
internal static class SnakeCase
{
    public static void Apply(ModelBuilder builder)
    {
        foreach (var entity in builder.Model.GetEntityTypes())
        {
            var table = entity.GetTableName()!;
            NameColumns(entity, "");
            foreach (var key in entity.GetKeys()) key.SetName(key.IsPrimaryKey() ? $"pk_{table}" : $"ak_{table}_{Columns(key.Properties)}");
            foreach (var foreign in entity.GetForeignKeys()) foreign.SetConstraintName($"fk_{table}_{Columns(foreign.Properties)}");
            foreach (var index in entity.GetIndexes().Where(i => i.GetDatabaseName() is null or ['I', 'X', ..] || char.IsUpper(i.GetDatabaseName()![0])))
                index.SetDatabaseName($"ix_{table}_{Columns(index.Properties)}");
        }
    }

    /// <summary>PlacedAt becomes placed_at.</summary>
    public static string Of(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1])) text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }

    private static void NameColumns(IMutableTypeBase type, string prefix)
    {
        foreach (var property in type.GetProperties())
        {
            if (property.Name == "Version" && property.ClrType == typeof(uint))
            {
                property.ValueGenerated = ValueGenerated.OnAddOrUpdate;
                property.IsConcurrencyToken = true;
                property.SetColumnName("xmin");
                property.SetColumnType("xid");
                continue;
            }
            property.SetColumnName(prefix + Of(property.Name));
            if (property.Name == "Currency") property.SetMaxLength(3);
        }
        foreach (var complex in type.GetComplexProperties()) NameColumns(complex.ComplexType, $"{prefix}{Of(complex.Name)}_");
    }

    private static string Columns(IEnumerable<IMutableProperty> properties) => string.Join('_', properties.Select(p => Of(p.Name)));
}
