using Npgsql;

namespace Retail.Core.Catalog;

/// <summary>Makes every node read the whole catalogue again.</summary>
public sealed class CatalogSync(NpgsqlDataSource database)
{
    /// <summary>Tells all nodes, this one too. Answers once they are told; each serves its old pages until it has read the new ones.</summary>
    public async Task AskAllAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand($"SELECT pg_notify('{CatalogListener.ChannelName}', 'all')");
        await command.ExecuteNonQueryAsync(ct);
    }
}
