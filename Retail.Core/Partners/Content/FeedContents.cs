using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Metrics.Calls;

namespace Retail.Core.Partners.Content;

/// <summary>A file that was taken in.</summary>
/// <param name="Id">Where its content is.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Hash">SHA-256 in hexadecimal.</param>
public sealed record StoredFeed(Guid Id, long Bytes, string Hash);

/// <summary>
/// Files of feeds, in the database, so that whichever worker has the time can read what any node took in. Written and read in pieces
/// of a megabyte: no process ever holds more of a file.
/// </summary>
public sealed class FeedContents(NpgsqlDataSource database, IOptions<PartnersOptions> options, TimeProvider clock)
{
    internal const int ChunkBytes = 1024 * 1024;

    /// <summary>Stores a stream to its end. What is too large, or breaks off, leaves nothing behind.</summary>
    [AsyncMethodBuilder(typeof(Measured<>))]
    public async Task<ServiceResult<StoredFeed>> StoreAsync(Stream from, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(from);
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        await ExecuteAsync("INSERT INTO feed_contents (id, created_at) VALUES ($1, $2)", ct, id, clock.GetUtcNow());
        var kept = false;
        try
        {
            var stored = await WriteChunksAsync(id, from, ct);
            kept = stored.Ok;
            return stored;
        }
        finally
        {
            if (!kept) await DeleteAsync(id, CancellationToken.None);
        }
    }

    /// <summary>Opens a file to be read from its start.</summary>
    public Stream OpenRead(Guid id) => new FeedChunkStream(database, id);

    /// <summary>Forgets a file.</summary>
    public Task DeleteAsync(Guid id, CancellationToken ct) => ExecuteAsync("DELETE FROM feed_contents WHERE id = $1", ct, id);

    private async Task<ServiceResult<StoredFeed>> WriteChunksAsync(Guid id, Stream from, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            long total = 0;
            for (var position = 0; ; position++)
            {
                var read = await from.ReadAtLeastAsync(buffer.AsMemory(0, ChunkBytes), ChunkBytes, throwOnEndOfStream: false, ct);
                total += read;
                if (total > options.Value.MaxFileBytes) return TooLarge();
                if (read > 0)
                {
                    hash.AppendData(buffer, 0, read);
                    await ExecuteAsync("INSERT INTO feed_chunks (content_id, position, bytes) VALUES ($1, $2, $3)", ct, id, position, new ArraySegment<byte>(buffer, 0, read));
                }
                if (read < ChunkBytes) return new StoredFeed(id, total, Convert.ToHexStringLower(hash.GetHashAndReset()));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The refusal of a file that is too large.</summary>
    public ServiceError TooLarge() => new(Refusal.Invalid, "feed_too_large",
        string.Create(CultureInfo.InvariantCulture, $"The file is larger than {options.Value.MaxFileBytes / 1_000_000} MB. Send it compressed with gzip, or in parts."));

    private async Task ExecuteAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(ct);
    }
}
