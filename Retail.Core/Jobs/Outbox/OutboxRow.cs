using Retail.Core.Data.Outbox;

namespace Retail.Core.Jobs.Outbox;

/// <summary>A promise that this worker has taken.</summary>
internal sealed record OutboxRow(long Id, string Key, int Tries, string? RequestId, Guid? DrillId, DateTimeOffset DueAt, DateTimeOffset TakenAt);

/// <summary>What became of it. A row that was not begun, or was broken off because the worker stops, is given back: that is no try.</summary>
internal sealed record OutboxOutcome(OutboxRow Row, OutboxStatus Status, DateTimeOffset BeganAt, DateTimeOffset EndedAt)
{
    public TimeSpan Pause { get; init; }

    public string? Error { get; init; }

    public bool IsGivenBack { get; init; }
}
