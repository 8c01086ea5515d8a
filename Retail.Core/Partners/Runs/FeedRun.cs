namespace Retail.Core.Partners.Runs;

/// <summary>How a feed came.</summary>
public enum FeedOrigin
{
    /// <summary>A partner's program sent it.</summary>
    Api,

    /// <summary>An admin uploaded it.</summary>
    Admin,

    /// <summary>It was fetched from an address.</summary>
    Address,

    /// <summary>It was fetched from a folder.</summary>
    Folder,
}

/// <summary>Where a run stands.</summary>
public enum FeedRunStatus
{
    /// <summary>It waits for a worker.</summary>
    Waiting,

    /// <summary>Its file is read, checked and compared with the shop.</summary>
    Reading,

    /// <summary>It would change too much at once: an admin decides.</summary>
    Held,

    /// <summary>The shop is being changed.</summary>
    Applying,

    /// <summary>All that could be used is in the shop; of a dry run: all was checked.</summary>
    Done,

    /// <summary>The file could not be used at all; the shop was not changed.</summary>
    Failed,

    /// <summary>An admin said no, or a newer feed came before anybody decided; the shop was not changed.</summary>
    Refused,
}

/// <summary>One file of a partner on its way into the shop: who, when, how much, what came of it.</summary>
public sealed class FeedRun
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; }

    /// <summary>Whose feed.</summary>
    public Guid PartnerId { get; init; }

    /// <summary>How it came.</summary>
    public FeedOrigin Origin { get; init; }

    /// <summary>Who sent it, or from where it was fetched.</summary>
    public string AskedBy { get; init; } = "";

    /// <summary>The file's content; null once it was cleared away.</summary>
    public Guid? ContentId { get; init; }

    /// <summary>SHA-256 of the content in hexadecimal, as it came (compressed or not).</summary>
    public required string Hash { get; init; }

    /// <summary>Size of the content as it came.</summary>
    public long Bytes { get; init; }

    /// <summary>Only checks: the shop is not changed.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Where it stands.</summary>
    public FeedRunStatus Status { get; init; }

    /// <summary>When it came, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a worker first took it, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When nothing more became of it, UTC.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Time of workers that it took, in seconds; waiting for an admin is not in it.</summary>
    public double Seconds { get; init; }

    /// <summary>Rows in the file: the sum of the next three.</summary>
    public int Rows { get; init; }

    /// <summary>Rows without any remark.</summary>
    public int Accepted { get; init; }

    /// <summary>Rows that were taken with a remark.</summary>
    public int Warned { get; init; }

    /// <summary>Rows that were not taken.</summary>
    public int Rejected { get; init; }

    /// <summary>Taken rows that were not in the shop before.</summary>
    public int New { get; init; }

    /// <summary>Taken rows that are different from what the shop had.</summary>
    public int Changed { get; init; }

    /// <summary>Taken rows that the shop had already so.</summary>
    public int Unchanged { get; init; }

    /// <summary>Variants of the partner in the shop that the file no longer has: they are taken off sale.</summary>
    public int Missing { get; init; }

    /// <summary>Changed rows whose price is different.</summary>
    public int PriceChanges { get; init; }

    /// <summary>Variants of the partner that were on sale before.</summary>
    public int OnSaleBefore { get; init; }

    /// <summary>The file was read to its end; otherwise nothing counts as missing.</summary>
    public bool IsComplete { get; init; }

    /// <summary>By how many megabytes the worker's memory grew at most.</summary>
    public int PeakMemoryMb { get; init; }

    /// <summary>Why it failed, is held, or was not read to its end.</summary>
    public string? Note { get; init; }

    /// <summary>The code of a failure, such as BAD_ENCODING.</summary>
    public string? Code { get; init; }

    /// <summary>How often a worker began it.</summary>
    public int Tries { get; init; }

    /// <summary>Who confirmed or refused it.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When, UTC.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Products up to this key are in the shop: after a crash the rest follows.</summary>
    public string? AppliedTo { get; init; }

    /// <summary>The request that brought it, to find its log lines.</summary>
    public string? RequestId { get; init; }

    /// <summary>Nothing more becomes of it.</summary>
    public bool IsOver => Status is FeedRunStatus.Done or FeedRunStatus.Failed or FeedRunStatus.Refused;
}

/// <summary>What is to be said about a row of a file.</summary>
public sealed class FeedIssue
{
    /// <summary>Whose run.</summary>
    public Guid RunId { get; init; }

    /// <summary>The row's number in the file, from 1.</summary>
    public int Number { get; init; }

    /// <summary>Order among the row's issues.</summary>
    public int Position { get; init; }

    /// <summary>The line on which the row begins, from 1.</summary>
    public int Line { get; init; }

    /// <summary>The partner's id of the row; empty when it has none.</summary>
    public string ExternalId { get; init; } = "";

    /// <summary>The row was not taken because of it; otherwise it is a warning.</summary>
    public bool IsRejection { get; init; }

    /// <summary>One of <see cref="FeedCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>The field that it is about; empty for the whole row.</summary>
    public string Field { get; init; } = "";

    /// <summary>For people: what is wrong and what would be right.</summary>
    public required string Message { get; init; }
}

/// <summary>A row of a run between reading and applying.</summary>
internal sealed class FeedStagedRow
{
    public Guid RunId { get; init; }

    public int Number { get; init; }

    public int Line { get; init; }

    /// <summary>Null when the row has none that can be used.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Null when the row was rejected.</summary>
    public string? ProductKey { get; init; }

    /// <summary>The row as <see cref="Pipeline.FeedItem"/>, in JSON; null when it was rejected.</summary>
    public string? Item { get; init; }
}

/// <summary>A product that a run has to make or to change.</summary>
internal sealed class FeedChange
{
    public Guid RunId { get; init; }

    public required string ProductKey { get; init; }
}

/// <summary>A file's content, in pieces, so that neither a node nor the database ever holds all of it at once.</summary>
internal sealed class FeedContent
{
    public Guid Id { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class FeedChunk
{
    public Guid ContentId { get; init; }

    public int Position { get; init; }

    public required byte[] Bytes { get; init; }
}
