using Npgsql;

namespace Retail.Core.Partners.Content;

/// <summary>A stored file as a stream: fetches a piece when the one before is read.</summary>
internal sealed class FeedChunkStream(NpgsqlDataSource database, Guid contentId) : ReadOnlyStream
{
    private byte[] _chunk = [];
    private int _read, _next;
    private bool _isEnd;

    public override int Read(Span<byte> buffer)
    {
        if (!HasMore)
        {
            using var command = Fetch();
            Take(command.ExecuteScalar());
        }
        return Copy(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!HasMore)
        {
            await using var command = Fetch();
            Take(await command.ExecuteScalarAsync(cancellationToken));
        }
        return Copy(buffer.Span);
    }

    private bool HasMore => _isEnd || _read < _chunk.Length;

    private NpgsqlCommand Fetch()
    {
        var command = database.CreateCommand("SELECT bytes FROM feed_chunks WHERE content_id = $1 AND position = $2");
        command.Parameters.Add(new() { Value = contentId });
        command.Parameters.Add(new() { Value = _next });
        return command;
    }

    private void Take(object? bytes)
    {
        (_chunk, _read, _isEnd) = (bytes as byte[] ?? [], 0, bytes is not byte[]);
        _next++;
    }

    private int Copy(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _chunk.Length - _read);
        _chunk.AsSpan(_read, count).CopyTo(buffer);
        _read += count;
        return count;
    }
}
