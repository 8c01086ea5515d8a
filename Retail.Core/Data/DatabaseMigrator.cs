using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Retail.Core.Data;

/// <summary>Brings the tables up to date (D1-05, D1-06, D4-12, D4-13).</summary>
public sealed class DatabaseMigrator(IServiceScopeFactory scopes, DatabaseServer server, ProtectionKeys keys)
{
    // "retail" in hexadecimal: any number will do, as long as all nodes take the same one.
    private const long LockKey = 0x72657461696c;

    // A server that dies while we start is usually back in seconds, and then we need not have died with it.
    private static readonly TimeSpan LongestOutage = TimeSpan.FromSeconds(60);

    /// <summary>Applies what is missing. Nodes that start together take turns: the second finds nothing left to do. A server that goes away meanwhile is given a minute.</summary>
    /// <returns>The names of the migrations that were applied.</returns>
    public async Task<IReadOnlyList<string>> ApplyAsync(CancellationToken ct)
    {
        for (var until = Environment.TickCount64 + (long)LongestOutage.TotalMilliseconds; ;)
        {
            try
            {
                return await ApplyOnceAsync(ct);
            }
            catch (Exception e) when (Environment.TickCount64 < until && IsOutage(e))
            {
                await Task.Delay(500, ct);
            }
        }
    }

    // EF Core wraps what it thinks might pass by itself.
    private static bool IsOutage(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => true,
        NpgsqlException { IsTransient: true } => true,
        InvalidOperationException { InnerException: { } inner } => IsOutage(inner),
        _ => false,
    };

    private async Task<IReadOnlyList<string>> ApplyOnceAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        // Not what the context says of itself: that is without the password.
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = false, Timeout = 30 });
        await using var turn = await source.OpenConnectionAsync(ct);
        await using (var take = new NpgsqlCommand($"SELECT pg_advisory_lock({LockKey})", turn)) await take.ExecuteNonQueryAsync(ct);
        // First, because asking a new database what was applied would log an error.
        await db.GetService<IHistoryRepository>().CreateIfNotExistsAsync(ct);
        var missing = (await db.Database.GetPendingMigrationsAsync(ct)).ToList();
        if (missing.Count > 0) await db.Database.MigrateAsync(ct);
        await keys.SealAllAsync(ct);
        return missing;
    }

    /// <summary>All migrations with whether they are applied, oldest first.</summary>
    public async Task<IReadOnlyList<(string Name, bool Applied)>> StatusAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        var applied = (await AppliedAsync(db, ct)).ToHashSet();
        return [.. db.Database.GetMigrations().Select(name => (name, applied.Contains(name)))];
    }

    /// <summary>The SQL of what is missing; nothing is changed.</summary>
    public async Task<string> ScriptAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        var last = (await AppliedAsync(db, ct)).LastOrDefault();
        return db.GetService<IMigrator>().GenerateScript(last);
    }

    private static async Task<IEnumerable<string>> AppliedAsync(RetailDbContext db, CancellationToken ct) =>
        await db.GetService<IHistoryRepository>().ExistsAsync(ct) ? await db.Database.GetAppliedMigrationsAsync(ct) : [];
}
