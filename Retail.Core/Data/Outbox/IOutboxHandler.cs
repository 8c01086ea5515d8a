namespace Retail.Core.Data.Outbox;

/// <summary>Keeps one kind of promise. May be called twice for the same key: it must then do nothing the second time.</summary>
public interface IOutboxHandler
{
    /// <summary>The kind it keeps, such as settle-payment.</summary>
    string Kind { get; }

    /// <summary>How many of this kind one worker keeps at once. Each kind has its own lane, so that a slow one holds up no other.</summary>
    int AtOnce => 8;

    /// <summary>A try that takes longer is cancelled and counts as failed.</summary>
    TimeSpan TimeLimit => TimeSpan.FromSeconds(45);

    /// <summary>After so many tries a promise is dead and waits for an admin: about two days with the longest pauses.</summary>
    int MaxTries => 600;

    /// <summary>Keeps it. Throws when it could not be kept: it is then tried again later.</summary>
    Task HandleAsync(string key, CancellationToken ct);
}

/// <summary>Not an error: what the promise waits for has not happened yet. It is tried again later.</summary>
/// <param name="why">What is being waited for.</param>
public sealed class TryLaterException(string why) : Exception(why);
