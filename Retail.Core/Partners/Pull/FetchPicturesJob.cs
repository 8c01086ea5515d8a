using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Core.Catalog;
using Retail.Core.Data;
using Retail.Core.Data.Jobs;
using Retail.Core.Inventory;

namespace Retail.Core.Partners.Pull;

/// <summary>Fetches pictures that feeds name, a few at once, until none is due; a picture that can't be had is tried five times.</summary>
public sealed class FetchPicturesJob(NpgsqlDataSource database, FeedClient client, IServiceScopeFactory scopes, TimeProvider clock) : IJob<NoArgs>
{
    /// <summary>Its name.</summary>
    public const string Name = "fetch-partner-pictures";

    private const int MaxTries = 5;
    private const int AtOnce = 4;
    private const int Claimed = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Leased: if this process dies, another takes them up in ten minutes.
    private const string Claim = """
        UPDATE partner_pictures a SET due_at = $1 + interval '10 minutes', tries = tries + 1
        FROM (SELECT product_id, position FROM partner_pictures WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) due
        WHERE a.product_id = due.product_id AND a.position = due.position RETURNING a.product_id, a.position, a.address, a.tries
        """;

    private const string Close = "UPDATE partner_pictures SET due_at = $4, error = $5 WHERE product_id = $1 AND position = $2 AND address = $3";

    /// <inheritdoc/>
    public async Task RunAsync(NoArgs args, CancellationToken ct)
    {
        while (await ClaimAsync(ct) is { Count: > 0 } due)
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (picture, token) => await FetchAsync(picture, token));
    }

    private async Task<List<Due>> ClaimAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(Claim);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = Claimed });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var due = new List<Due>();
        while (await reader.ReadAsync(ct)) due.Add(new(reader.GetGuid(0), reader.GetInt32(1), reader.GetString(2), reader.GetInt32(3)));
        return due;
    }

    private async Task FetchAsync(Due picture, CancellationToken ct)
    {
        var (file, problem) = await DownloadAsync(picture.Address, ct);
        if (file is not null) await KeepAsync(picture, file, ct);
        var again = problem is null || picture.Tries >= MaxTries ? (DateTimeOffset?)null : clock.GetUtcNow().AddMinutes(Math.Pow(2, picture.Tries));
        await using var close = database.CreateCommand(Close);
        foreach (var value in (object[])[picture.ProductId, picture.Position, picture.Address]) close.Parameters.Add(new() { Value = value });
        close.Parameters.Add(new() { Value = again is { } at ? at : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        close.Parameters.Add(new() { Value = problem is null ? DBNull.Value : problem[..Math.Min(problem.Length, 300)], NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await close.ExecuteNonQueryAsync(ct);
    }

    private async Task<(PictureFile? File, string? Problem)> DownloadAsync(string address, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            using var answer = await client.SendAsync(request, patience.Token);
            if (!answer.IsSuccessStatusCode) return (null, $"The source answers {(int)answer.StatusCode}.");
            await using var body = await answer.Content.ReadAsStreamAsync(patience.Token);
            var bytes = new byte[Math.Min(answer.Content.Headers.ContentLength ?? PictureContent.MaxBytes, PictureContent.MaxBytes) + 1];
            var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, patience.Token);
            if (length == bytes.Length) return (null, $"It is larger than {PictureContent.MaxBytes / 1024 / 1024} MB, or than it was said to be.");
            return PictureFormat.ContentTypeOf(bytes.AsSpan(0, length)) is { } type ? (new PictureFile(bytes[..length], type), null) : (null, "It is no WebP, AVIF, JPEG or PNG picture.");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (null, $"The source took longer than {Patience.TotalSeconds:0} seconds.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (null, (e.InnerException as PrivateAddressException)?.Message ?? e.Message);
        }
    }

    private async Task KeepAsync(Due picture, PictureFile file, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RetailDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var shown = await (from item in db.PartnerItems join variant in db.Variants on item.VariantId equals variant.Id where variant.ProductId == picture.ProductId && item.Picture == picture.Address select variant.Id).ToArrayAsync(ct);
        await scope.ServiceProvider.GetRequiredService<ProductBatch>().SetPictureAsync(picture.ProductId, picture.Position, file, shown, ct);
        await transaction.CommitAsync(ct);
    }

    private sealed record Due(Guid ProductId, int Position, string Address, int Tries);
}
