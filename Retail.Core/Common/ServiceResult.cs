namespace Retail.Core.Common;

/// <summary>The kinds of refusal; each alone decides the HTTP status (400, 403, 404, 409, 429, 503).</summary>
public enum Refusal
{
    /// <summary>What was sent can't be understood or is out of range.</summary>
    Invalid,

    /// <summary>The caller may not do this.</summary>
    Forbidden,

    /// <summary>No such thing, or not the caller's.</summary>
    NotFound,

    /// <summary>The thing exists, but its state does not allow it (sold out, changed meanwhile).</summary>
    Conflict,

    /// <summary>Too often; try again later.</summary>
    TooMany,

    /// <summary>A part of the store is busy or away; try again shortly.</summary>
    Unavailable,
}

/// <summary>A refusal that a customer can cause, in words that say what to do.</summary>
/// <param name="Refusal">Which kind; decides the HTTP status.</param>
/// <param name="Code">Stable, lower_snake_case; clients may switch on it.</param>
/// <param name="Message">For people: what happened and what to do, at most 50 words.</param>
/// <param name="Field">The input that is at fault, as a path such as Variants[1].Sku; empty when it is none in particular.</param>
public sealed record ServiceError(Refusal Refusal, string Code, string Message, string Field = "");

/// <summary>What any outcome of a use case tells, whatever its value.</summary>
public interface IServiceOutcome
{
    /// <summary>Why it was refused; null when it was done.</summary>
    ServiceError? Error { get; }
}

/// <summary>The outcome of a use case that returns nothing: done, or refused in words (D0-01).</summary>
public readonly record struct ServiceResult(ServiceError? Error) : IServiceOutcome
{
    /// <summary>It was done.</summary>
    public bool Ok => Error is null;

    /// <summary>The outcome when all went well.</summary>
    public static ServiceResult Done => default;

    /// <summary>A refusal is a result.</summary>
    public static implicit operator ServiceResult(ServiceError error) => new(error);
}

/// <summary>The outcome of a use case: a value, or a refusal in words (D0-01).</summary>
public readonly record struct ServiceResult<T> : IServiceOutcome
{
    private readonly T? _value;

    private ServiceResult(T? value, ServiceError? error) => (_value, Error) = (value, error);

    /// <summary>Why it was refused; null when it was done.</summary>
    public ServiceError? Error { get; }

    /// <summary>It was done and <see cref="Value"/> is there.</summary>
    public bool Ok => Error is null;

    /// <summary>The value; throws when the use case was refused, because asking then is a bug.</summary>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"Refused with '{Error.Code}': there is no value.");

    /// <summary>A value is a result.</summary>
    public static implicit operator ServiceResult<T>(T value) => new(value, null);

    /// <summary>A refusal is a result.</summary>
    public static implicit operator ServiceResult<T>(ServiceError error) => new(default, error);
}
