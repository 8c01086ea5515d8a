using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Common.Settings;
using Retail.Core.Metrics.Sampling;

namespace Retail.Core.Data;

/// <summary>The database.</summary>
public static class DataModule
{
    /// <summary>Adds the one connection pool of the process and what uses it. The only place that names the database provider.</summary>
    public static IServiceCollection AddData(this IServiceCollection services, string connectionString)
    {
        services.AddSettings<RuntimeOptions>("");
        services.AddSingleton(new DatabaseServer(connectionString));
        services.AddDataProtection().SetApplicationName("retail");
        return services
            .AddSingleton(_ => new NpgsqlDataSourceBuilder(connectionString) { Name = DatabaseMeter.PoolName }.Build())
            .AddDbContext<RetailDbContext>((provider, options) => options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()))
            .AddSingleton<ProtectionKeys>()
            .AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => provider.GetRequiredService<ProtectionKeys>())
            .AddSingleton<DatabaseMigrator>();
    }
}

/// <summary>How the database is reached, its password included, for who needs a connection beside the pool. Never to be logged.</summary>
/// <param name="ConnectionString">Npgsql's.</param>
public sealed record DatabaseServer(string ConnectionString)
{
    /// <summary>Nothing of it.</summary>
    public override string ToString() => nameof(DatabaseServer);
}
