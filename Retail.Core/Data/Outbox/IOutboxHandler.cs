namespace Retail.Core.Data.Outbox;

/// <summary>Keeps one kind of promise. May be called twice for the same key: it must then do nothing the second time.</summary>
public interface IOutboxHandler
{
    /// <summary>The kind it keeps, such as settle-payment.</summary>
    string Kind { get; }

    /// <summary>Keeps it. Throws when it could not be kept: it is then tried again later.</summary>
    Task HandleAsync(string key, CancellationToken ct);
}

/// <summary>Not an error: what the promise waits for has not happened yet. It is tried again later.</summary>
/// <param name="why">What is being waited for.</param>
public sealed class TryLaterException(string why) : Exception(why);
