namespace Retail.Core.Data.Migrations;

/// <summary>What EF Core can't say of the feeds' tables.</summary>
internal static class FeedTables
{
    public const string Sql = """
        -- Pieces of files, mostly compressed already: compressing them again costs time and saves nothing.
        ALTER TABLE feed_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;
        -- Filled and emptied by the hundred thousand: the planner's numbers and dead rows are kept up with sooner.
        ALTER TABLE feed_rows SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
        """;
}
