using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Retail.Core.Common;
using Retail.Core.Metrics;
using Retail.Core.Partners;
using Retail.Core.Partners.Content;
using Retail.Core.Partners.Runs;
using Retail.Web.Infrastructure;

namespace Retail.Web.Api;

/// <summary>A feed that was taken in: ask at <see cref="Address"/> what becomes of it. Replayed: the same content had come before.</summary>
public sealed record FeedTaken(Guid Run, string Status, string Address, bool Replayed);

/// <summary>A run as its partner sees it.</summary>
public sealed record FeedRunJson(
    Guid Run, string Status, bool DryRun, bool Over, DateTimeOffset ReceivedAt, DateTimeOffset? FinishedAt, double Seconds, long Bytes, int Rows, int Accepted, int Warned, int Rejected,
    int New, int Changed, int Unchanged, int Missing, string? Code, string? Note, string Report, string ReportCsv);

public sealed record FeedRunListJson(IReadOnlyList<FeedRunJson> Items, int Page, int Pages, int Total);

public sealed record FeedIssueJson(int Line, string Id, string Outcome, string Code, string Field, string Message);

public sealed record FeedReportJson(IReadOnlyList<FeedIssueJson> Items, int Page, int Pages, int Total);

/// <summary>For partners' programs: send a feed, ask what became of it. The key in X-API-Key says who speaks, and nothing else does.</summary>
public static class PartnerApi
{
    public const string KeyHeader = "X-API-Key";
    private const string Runs = "/api/partner/feed-runs";

    private static readonly ServiceError WrongKey = new(Refusal.Forbidden, "partner_key_invalid", "Send a header X-API-Key with a key of yours that works. The shop gives out keys, and takes them back.");
    private static readonly ServiceError TooOften = new(Refusal.TooMany, "too_many", "You call too often. Wait as long as Retry-After says.");
    private static readonly ServiceError Empty = new(Refusal.Invalid, "feed_empty", "Send the file as the body of the request, or as a file in a form (multipart/form-data).");
    private static readonly ServiceError BrokenOff = new(Refusal.Invalid, "feed_broken_off", "The request ended before the file did, so nothing was taken in. Send it once more.");
    private static readonly ServiceError Unknown = new(Refusal.NotFound, "unknown_feed_run", "You have no run with this id. Check the address that the upload was answered with.");

    public static RouteGroupBuilder MapPartnerApi(this RouteGroupBuilder api)
    {
        var partner = api.MapGroup("/partner").WithTags("Partner feeds").AddEndpointFilter(AuthenticateAsync)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status429TooManyRequests);
        // Counted while it streams, so that no number here has to agree with a setting.
        partner.MapPost("/upload-feed/", UploadAsync).WithMetadata(new DisableRequestSizeLimitAttribute()).DisableAntiforgery()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge);
        partner.MapGet("/feed-runs", ListAsync);
        partner.MapGet("/feed-runs/{id:guid}", GetAsync).ProducesProblem(StatusCodes.Status404NotFound);
        partner.MapGet("/feed-runs/{id:guid}/report", ReportAsync).ProducesProblem(StatusCodes.Status404NotFound);
        partner.MapGet("/feed-runs/{id:guid}/report.csv", CsvAsync).ProducesProblem(StatusCodes.Status404NotFound);
        return api;
    }

    private static async ValueTask<object?> AuthenticateAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var (context, services) = (call.HttpContext, call.HttpContext.RequestServices);
        var limits = services.GetRequiredService<PartnerLimits>();
        var key = context.Request.Headers[KeyHeader].ToString();
        if (await services.GetRequiredService<PartnerKeys>().FindAsync(key, context.RequestAborted) is not { } partner)
        {
            services.GetRequiredService<MetricRecorder>().Record(MetricTypes.FeedAuthRejected, 1, new { reason = key.Length == 0 ? "missing" : "wrong", route = context.Request.Path.Value });
            return limits.RefuseWrongKey(context.Connection.RemoteIpAddress?.ToString() ?? "") is { } pause ? Wait(context, pause) : WrongKey.ToProblem(StatusCodes.Status401Unauthorized);
        }
        if (!partner.IsActive) return PartnerErrors.NotActive.ToProblem();
        if ((HttpMethods.IsPost(context.Request.Method) ? limits.RefuseUpload(partner.Id) : limits.RefuseRead(partner.Id)) is { } wait) return Wait(context, wait);
        context.Features.Set(partner);
        return await next(call);
    }

    private static async Task<Results<Accepted<FeedTaken>, ProblemHttpResult>> UploadAsync(
        HttpContext context, FeedContents contents, FeedRunService runs, FeedRunQueries queries, IOptions<PartnersOptions> options, CancellationToken ct, [FromQuery(Name = "dry_run")] bool dryRun = false)
    {
        var partner = PartnerOf(context);
        if (context.Request.ContentLength > options.Value.MaxFileBytes + 64 * 1024) return contents.TooLarge().ToProblem(StatusCodes.Status413PayloadTooLarge);
        if (await FileOfAsync(context.Request, ct) is not { } file) return Empty.ToProblem();
        ServiceResult<StoredFeed> stored;
        try
        {
            stored = await contents.StoreAsync(file, ct);
        }
        catch (IOException) when (!ct.IsCancellationRequested)
        {
            return BrokenOff.ToProblem();
        }
        if (stored.Error is { } refusal) return refusal.ToProblem(StatusCodes.Status413PayloadTooLarge);
        if (stored.Value.Bytes == 0)
        {
            await contents.DeleteAsync(stored.Value.Id, CancellationToken.None);
            return Empty.ToProblem();
        }
        var received = await runs.ReceiveAsync(partner.Id, stored.Value, new(FeedOrigin.Api, $"{partner.Name}, from {context.Connection.RemoteIpAddress}", dryRun), ct);
        if (received.Error is { } refused) return refused.ToProblem();
        var run = (await queries.FindAsync(received.Value.Id, partner.Id, ct))!.Run;
        var address = $"{Runs}/{run.Id}";
        return TypedResults.Accepted(address, new FeedTaken(run.Id, Word(run.Status), address, received.Value.IsReplay));
    }

    private static async Task<Ok<FeedRunListJson>> ListAsync(HttpContext context, FeedRunQueries queries, CancellationToken ct, [Range(1, 100_000)] int page = 1)
    {
        var list = await queries.ListAsync(PartnerOf(context).Id, null, page, ct);
        return TypedResults.Ok(new FeedRunListJson([.. list.Items.Select(r => JsonOf(r.Run))], list.Number, list.Pages, list.Total));
    }

    private static async Task<Results<Ok<FeedRunJson>, ProblemHttpResult>> GetAsync(Guid id, HttpContext context, FeedRunQueries queries, CancellationToken ct) =>
        await queries.FindAsync(id, PartnerOf(context).Id, ct) is { } found ? TypedResults.Ok(JsonOf(found.Run)) : Unknown.ToProblem();

    private static async Task<Results<Ok<FeedReportJson>, ProblemHttpResult>> ReportAsync(Guid id, HttpContext context, FeedRunQueries queries, CancellationToken ct, string? code = null, [Range(1, 100_000)] int page = 1)
    {
        if (await queries.FindAsync(id, PartnerOf(context).Id, ct) is null) return Unknown.ToProblem();
        var issues = await queries.IssuesAsync(id, code, page, ct);
        return TypedResults.Ok(new FeedReportJson(
            [.. issues.Items.Select(i => new FeedIssueJson(i.Line, i.ExternalId, i.IsRejection ? "rejected" : "warning", i.Code, i.Field, i.Message))], issues.Number, issues.Pages, issues.Total));
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> CsvAsync(Guid id, HttpContext context, FeedRunQueries queries, CancellationToken ct) =>
        await queries.FindAsync(id, PartnerOf(context).Id, ct) is null ? Unknown.ToProblem()
            : TypedResults.Stream(to => queries.WriteReportAsync(id, to, ct), "text/csv; charset=utf-8", $"feed-run-{id}.csv");

    // The body itself, or the first file of a form; read as it comes, never kept in memory.
    private static async Task<Stream?> FileOfAsync(HttpRequest request, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) return request.Body;
        if (HeaderUtilities.RemoveQuotes(type.Boundary).ToString() is not { Length: > 0 and <= 200 } boundary) return null;
        var reader = new MultipartReader(boundary, request.Body);
        try
        {
            while (await reader.ReadNextSectionAsync(ct) is { } section)
                if (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) && (disposition.FileName.HasValue || disposition.FileNameStar.HasValue)) return section.Body;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return null;   // not the form that its type promised
        }
        return null;
    }

    private static KnownPartner PartnerOf(HttpContext context) => context.Features.Get<KnownPartner>() ?? throw new InvalidOperationException("The key was not looked at.");

    private static ProblemHttpResult Wait(HttpContext context, TimeSpan wait)
    {
        context.Response.Headers.RetryAfter = FlashCheckoutEndpoint.RetryAfter(wait);
        return TooOften.ToProblem();
    }

    private static FeedRunJson JsonOf(FeedRun run) => new(
        run.Id, Word(run.Status), run.IsDryRun, run.IsOver, run.CreatedAt, run.FinishedAt, Math.Round(run.Seconds, 3), run.Bytes, run.Rows, run.Accepted, run.Warned, run.Rejected,
        run.New, run.Changed, run.Unchanged, run.Missing, run.Code, run.Note, $"{Runs}/{run.Id}/report", $"{Runs}/{run.Id}/report.csv");

    private static string Word(FeedRunStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
}
