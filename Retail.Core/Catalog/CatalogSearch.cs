using Npgsql;

namespace Retail.Core.Catalog;

/// <summary>Full-text search in PostgreSQL; when nothing has the words, names that look alike (trigrams forgive a typo).</summary>
public sealed class CatalogSearch(NpgsqlDataSource database)
{
    /// <summary>The most matches that are ranked: past them a better one may be missed, but a search for a common word stays quick.</summary>
    public const int MaxHits = 2000;

    private const string FullText = """
        SELECT id FROM (
            SELECT p.id, p.search FROM products p WHERE p.search @@ websearch_to_tsquery('english', $1) AND p.status = 'Published' AND p.drill_id IS NULL LIMIT 2000) hit
        ORDER BY ts_rank(hit.search, websearch_to_tsquery('english', $1)) DESC, id
        """;

    private const string LookAlike = """
        SELECT id FROM products WHERE $1 <% name AND status = 'Published' AND drill_id IS NULL ORDER BY word_similarity($1, name) DESC, id LIMIT 200
        """;

    private const string Forgive = "DO $$BEGIN PERFORM set_config('pg_trgm.word_similarity_threshold', '0.5', true); END$$";

    internal async Task<SearchHits> FindAsync(string text, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var exactly = new NpgsqlBatch(connection) { BatchCommands = { Select(FullText, text) } };
        var exact = await IdsAsync(exactly, ct);
        if (exact.Count > 0) return new(exact, Corrected: false, Capped: exact.Count >= MaxHits);
        // A batch is one transaction, so the setting ends with it.
        await using var forgiving = new NpgsqlBatch(connection) { BatchCommands = { new(Forgive), Select(LookAlike, text) } };
        return new(await IdsAsync(forgiving, ct), Corrected: true, Capped: false);
    }

    private static NpgsqlBatchCommand Select(string sql, string text) => new(sql) { Parameters = { new NpgsqlParameter<string> { TypedValue = text } } };

    private static async Task<List<Guid>> IdsAsync(NpgsqlBatch batch, CancellationToken ct)
    {
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(ct)) ids.Add(reader.GetGuid(0));
        return ids;
    }
}
