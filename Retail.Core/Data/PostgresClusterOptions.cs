namespace Retail.Core.Data;

/// <summary>Where the store's own PostgreSQL cluster lives and how it differs from the defaults.</summary>
public sealed record PostgresClusterOptions
{
    /// <summary>The store's data folder (RETAIL_DATA or .data); the cluster is its entry "postgres".</summary>
    public required string DataFolder { get; init; }

    /// <summary>Server settings of this run, by name, over those in the cluster's postgresql.conf.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The longest wait until the server answers; recovery after a crash is part of it.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
