using System.Globalization;
using Microsoft.AspNetCore.Html;
using Retail.Core.Catalog;
using Retail.Core.Inventory;
using Retail.Core.Jobs.Board;
using Retail.Core.Notifications;
using Retail.Core.Orders;
using Retail.Core.Partners.Runs;
using Retail.Core.Payments;
using Retail.Core.Quality.Alerts;
using Retail.Core.Quality.Drills;
using Retail.Core.Quality.Reconciliation;
using Retail.Core.Quality.Scenarios;

namespace Retail.Web.Areas.Admin;

/// <summary>How admin pages write times, numbers and states.</summary>
public static class AdminText
{
    /// <summary>The key in TempData of what was done, told on the next page.</summary>
    public const string Notice = "Notice";

    /// <summary>A time in UTC, to the minute; the year only when it is another one than <paramref name="now"/>'s.</summary>
    public static IHtmlContent When(DateTimeOffset at, DateTimeOffset now) => Time(at, at.Year == now.Year ? "d MMM, HH:mm" : "d MMM yyyy, HH:mm");

    /// <summary>A time in UTC, to the second.</summary>
    public static IHtmlContent Exactly(DateTimeOffset at) => Time(at, "d MMM yyyy, HH:mm:ss");

    /// <summary>A release in short: its version, and the beginning of its commit.</summary>
    public static string Release(string release) => release.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus && release.Length > plus + 9 ? release[..(plus + 9)] : release;

    /// <summary>How long something took; nothing while it is under way.</summary>
    public static string Took(TimeSpan? time) => time is { } took ? Duration(took) : "";

    public static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static StateBadge Of(ProductStatus status) => status switch
    {
        ProductStatus.Draft => new("", "Draft"),
        ProductStatus.Published => new("good", "Published"),
        ProductStatus.Archived => new("warn", "Archived"),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status."),
    };

    public static StateBadge Of(OrderStatus status) => status switch
    {
        OrderStatus.Placed => new("", "Placed"),
        OrderStatus.PaymentPending => new("warn", "Payment pending"),
        OrderStatus.Paid => new("good", "Paid"),
        OrderStatus.Cancelled => new("bad", "Cancelled"),
        OrderStatus.Shipped => new("good", "Shipped"),
        OrderStatus.PartiallyRefunded => new("warn", "Partly refunded"),
        OrderStatus.Refunded => new("warn", "Refunded"),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status."),
    };

    public static StateBadge Of(PaymentStatus status) => status switch
    {
        PaymentStatus.Started => new("", "Started"),
        PaymentStatus.Captured => new("good", "Captured"),
        PaymentStatus.Declined => new("bad", "Declined"),
        PaymentStatus.Abandoned => new("", "Never charged"),
        PaymentStatus.Unknown => new("warn", "No answer"),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status."),
    };

    public static StateBadge Of(RefundStatus status) => status switch
    {
        RefundStatus.Pending => new("warn", "On its way"),
        RefundStatus.Succeeded => new("good", "Paid back"),
        RefundStatus.Refused => new("bad", "Refused"),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status."),
    };

    public static StateBadge Of(NotificationStatus status) => status switch
    {
        NotificationStatus.Waiting => new("warn", "Waiting"),
        NotificationStatus.Sent => new("good", "Sent"),
        NotificationStatus.Refused => new("bad", "Refused"),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status."),
    };

    public static StateBadge Of(TryOutcome outcome) => outcome switch
    {
        TryOutcome.Started => new("", "No answer yet"),
        TryOutcome.Sent => new("good", "Taken"),
        TryOutcome.Failed => new("warn", "Failed"),
        TryOutcome.Refused => new("bad", "Refused"),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not an outcome."),
    };

    public static StateBadge Of(FeedRunStatus status) => status switch
    {
        FeedRunStatus.Waiting => new("", "Waiting"),
        FeedRunStatus.Reading => new("", "Being read"),
        FeedRunStatus.Held => new("warn", "Waits for you"),
        FeedRunStatus.Applying => new("", "Being applied"),
        FeedRunStatus.Done => new("good", "Done"),
        FeedRunStatus.Failed => new("bad", "Failed"),
        FeedRunStatus.Refused => new("warn", "Not applied"),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status."),
    };

    public static string Size(long bytes) => bytes < 1_000_000 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:0.#} KB") : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:0.#} MB");

    /// <summary>A verdict: its class, and the symbol that says the same without colour.</summary>
    public static (string Class, string Symbol) Mark(VerdictStatus status) => status switch
    {
        VerdictStatus.Pass => ("pass", "check"),
        VerdictStatus.Fail => ("fail", "close"),
        VerdictStatus.NotExercised => ("unproven", "dash"),
        VerdictStatus.Stale => ("stale", "clock"),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a verdict."),
    };

    public static StateBadge Of(WorkState state) => state switch
    {
        WorkState.Running => new("good", "Running"),
        WorkState.Waiting => new("", "Waiting"),
        WorkState.Failed => new("warn", "Failed, will be tried again"),
        WorkState.Dead => new("bad", "Dead"),
        WorkState.Done => new("good", "Done"),
        WorkState.Discarded => new("", "Discarded"),
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state."),
    };

    /// <summary>How long something took, to what people can tell apart: 12 ms, 3.4 s, 2 min 5 s, 3 h 7 min.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, time.TotalMilliseconds):0} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalHours):0} h {time.Minutes} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0} days"),
    };

    public static StateBadge Of(DrillStatus status) => status switch
    {
        DrillStatus.Running => new("warn", "Running"),
        DrillStatus.Passed => new("good", "Passed"),
        DrillStatus.Failed => new("bad", "Failed"),
        DrillStatus.Stopped => new("", "Stopped"),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status."),
    };

    public static StateBadge Of(FlashSale sale, DateTimeOffset now) => sale.PhaseAt(now) switch
    {
        FlashPhase.Coming => new("", "Coming"),
        FlashPhase.Running when sale.Sold == sale.Quantity => new("warn", "Sold out"),
        FlashPhase.Running => new("good", "Running"),
        FlashPhase.Over => new("", "Over"),
        _ => throw new ArgumentOutOfRangeException(nameof(sale), sale, "Not a phase."),
    };

    public static StateBadge Of(Severity severity) => severity switch
    {
        Severity.Ok => new("good", "OK"),
        Severity.Warning => new("warn", "Warning"),
        Severity.Critical => new("bad", "Critical"),
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, "Not a severity."),
    };

    public static string Of(FindingKind kind) => kind switch
    {
        FindingKind.Stock => "Stock",
        FindingKind.Totals => "Totals",
        FindingKind.Payments => "Payments",
        FindingKind.Orphans => "Orphans",
        FindingKind.ReadModel => "Pages",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind."),
    };

    public static StateBadge OfFlag(bool on) => on ? new("good", "On") : new("warn", "Off");

    public static StateBadge Of(AlertView alert, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return alert.Alert.State switch
        {
            AlertState.Firing => new(alert.Rule.Severity == AlertSeverity.Critical ? "bad" : "warn", alert.Alert.IsSilent(now) ? "Firing, silenced" : "Firing"),
            AlertState.Pending => new("warn", "Pending"),
            AlertState.Quiet => alert.Alert.Value is null ? new("", "Nothing to say") : new("good", "All well"),
            _ => throw new ArgumentOutOfRangeException(nameof(alert), alert.Alert.State, "Not a state."),
        };
    }

    public static StateBadge Of(AlertEventKind kind) => kind switch
    {
        AlertEventKind.Fired => new("bad", "Fired"),
        AlertEventKind.Resolved => new("good", "Resolved"),
        AlertEventKind.Acknowledged => new("", "Acknowledged"),
        AlertEventKind.Silenced => new("warn", "Silenced"),
        AlertEventKind.Unsilenced => new("", "Silence ended"),
        AlertEventKind.ThresholdSet => new("", "Threshold set"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind."),
    };

    private static HtmlString Time(DateTimeOffset at, string format)
    {
        var utc = at.ToUniversalTime();
        return new(string.Create(CultureInfo.InvariantCulture, $"<time datetime=\"{utc:yyyy-MM-ddTHH:mm:ssZ}\">{utc.ToString(format, CultureInfo.InvariantCulture)}</time>"));
    }
}

/// <summary>A state as a badge: its colour class and its word.</summary>
public sealed record StateBadge(string Class, string Text);
