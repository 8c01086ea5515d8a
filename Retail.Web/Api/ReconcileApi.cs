using Microsoft.AspNetCore.Http.HttpResults;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Quality.Reconciliation;
using Retail.Web.Hosting;
using Retail.Web.Infrastructure;

namespace Retail.Web.Api;

/// <summary>A count of units, as one of the books has it.</summary>
public sealed record UnitsJson(long OnHand, long Reserved);

/// <summary>Units in the lines of orders: promised and not yet paid, and paid.</summary>
public sealed record OrderUnitsJson(long Promised, long Sold);

/// <summary>What the books say of a variant.</summary>
public sealed record VariantBooksJson(
    Guid VariantId, Guid ProductId, string Sku, string Status, UnitsJson? Stock, UnitsJson Ledger, OrderUnitsJson Orders, int? ReadModel, long Oversold, string Words)
{
    public static VariantBooksJson Of(VariantBooks b) => new(
        b.VariantId, b.ProductId, b.Sku, ReconciliationJson.Word(b.Status), b.Stock is var (onHand, reserved) ? new(onHand, reserved) : null,
        new(b.Ledger.OnHand, b.Ledger.Reserved), new(b.OrdersPromised, b.OrdersSold), b.Shown, b.Oversold, b.Words);
}

/// <summary>One thing that does not agree.</summary>
public sealed record FindingJson(string Kind, string Status, string Subject, Guid? SubjectId, string Words);

/// <summary>A page of variants, by SKU.</summary>
public sealed record VariantPageJson(int Page, int Pages, int Total, IReadOnlyList<VariantBooksJson> Items);

/// <summary>A comparison of the books, as the endpoint and the command answer it.</summary>
public sealed record ReconciliationJson(
    string Status, Guid RunId, string AskedBy, string Node, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, int Checked, int Ok, int Warnings, int Criticals,
    int Differences, int Stock, int Totals, int Payments, int Orphans, int? ReadModel, int Oversold, IReadOnlyList<FindingJson> Findings, VariantPageJson Variants)
{
    private const int FindingsTold = 100;

    public static ReconciliationJson Of(ReconciliationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var r = report.Run;
        return new(
            Word(r.Result), r.Id, r.AskedBy, r.Node, r.StartedAt, r.FinishedAt, r.Checked, r.Checked - r.Stock - r.Warnings, r.Warnings, r.Criticals,
            r.Differences, r.Stock, r.Totals, r.Payments, r.Orphans, r.ReadModel, r.Oversold,
            [.. r.Findings.Take(FindingsTold).Select(f => new FindingJson(KebabCase.Of(f.Kind.ToString()), Word(f.Severity), f.Subject, f.SubjectId, f.Words))],
            new(report.Page, Math.Max(1, (report.Total + report.Size - 1) / report.Size), report.Total, [.. report.Variants.Select(VariantBooksJson.Of)]));
    }

    /// <summary>OK, WARNING or CRITICAL.</summary>
    public static string Word(Severity severity) => severity.ToString().ToUpperInvariant();
}

/// <summary>For admins and their programs: compares the books, and makes every node read the catalogue again.</summary>
public static class ReconcileApi
{
    public const string ReconcilePath = "/admin/reconcile";
    public const string SyncPath = "/admin/sync";

    private static readonly ServiceError UnknownStatus = new(Refusal.Invalid, "unknown_status", "status is all, open, ok, warning or critical.", "status");
    private static readonly ServiceError BadPage = new(Refusal.Invalid, "bad_page", $"Send page as 1 or more, and size as 1 to {Reconciler.MaxSize}.", "page");

    public static IEndpointRouteBuilder MapReconcileApi(this IEndpointRouteBuilder app)
    {
        app.MapGet(ReconcilePath, ReconcileAsync).RequireAuthorization(Policies.Staff);
        app.MapPost(SyncPath, SyncAsync).RequireAuthorization(Policies.Staff);
        return app;
    }

    private static async Task<Results<Ok<ReconciliationJson>, ProblemHttpResult>> ReconcileAsync(
        HttpContext context, Reconciler reconciler, CancellationToken ct, string? status = null, int page = 1, int size = 100)
    {
        if (page < 1 || size is < 1 or > Reconciler.MaxSize) return BadPage.ToProblem();
        if (!TryRead(status, out var filter)) return UnknownStatus.ToProblem();
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(ReconciliationJson.Of(await reconciler.RunAsync(context.User.Identity?.Name ?? "api", filter, page, size, ct)));
    }

    private static async Task<Accepted<SyncJson>> SyncAsync(CatalogSync sync, CancellationToken ct)
    {
        await sync.AskAllAsync(ct);
        return TypedResults.Accepted((string?)null, new SyncJson("asked", "Every node reads the whole catalogue again now."));
    }

    internal static bool TryRead(string? status, out BooksFilter filter)
    {
        filter = BooksFilter.All;
        return string.IsNullOrEmpty(status) || (!char.IsDigit(status[0]) && Enum.TryParse(status, ignoreCase: true, out filter) && Enum.IsDefined(filter));
    }

    public sealed record SyncJson(string Status, string Message);
}
