using System.Diagnostics;
using System.Runtime.CompilerServices;
using Retail.Core.Common;

namespace Retail.Core.Metrics.Calls;

/// <summary>
/// Measures an async service method: <c>[AsyncMethodBuilder(typeof(Measured&lt;&gt;))]</c> above it, and its time, its refusals and
/// its failures are counted under its name; the method itself does not know. It is the compiler's own builder with a stopwatch.
/// </summary>
/// <typeparam name="T">What the method answers.</typeparam>
public struct Measured<T>
{
    private AsyncTaskMethodBuilder<T> _inner;
    private MethodTotals? _totals;
    private long _started;

    /// <summary>The promise that the method answers.</summary>
    public Task<T> Task => _inner.Task;

    /// <summary>For the compiler, which asks for exactly this.</summary>
#pragma warning disable CA1000
    public static Measured<T> Create() => new() { _inner = AsyncTaskMethodBuilder<T>.Create() };
#pragma warning restore CA1000

    /// <summary>The method begins.</summary>
    public void Start<TStateMachine>(ref TStateMachine stateMachine) where TStateMachine : IAsyncStateMachine
    {
        _totals = Method<TStateMachine>.Totals;
        _started = Stopwatch.GetTimestamp();
        _inner.Start(ref stateMachine);
    }

    /// <summary>The method has answered.</summary>
    public void SetResult(T result)
    {
        _totals?.Add(Stopwatch.GetElapsedTime(_started), refused: result is IServiceOutcome { Error: not null }, failed: false);
        _inner.SetResult(result);
    }

    /// <summary>The method has thrown.</summary>
    public void SetException(Exception exception)
    {
        // Who left did not make the service fail.
        _totals?.Add(Stopwatch.GetElapsedTime(_started), refused: false, failed: exception is not OperationCanceledException);
        _inner.SetException(exception);
    }

    /// <summary>For the compiler.</summary>
    public void SetStateMachine(IAsyncStateMachine stateMachine) => _inner.SetStateMachine(stateMachine);

    /// <summary>For the compiler.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion where TStateMachine : IAsyncStateMachine => _inner.AwaitOnCompleted(ref awaiter, ref stateMachine);

    /// <summary>For the compiler.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion where TStateMachine : IAsyncStateMachine => _inner.AwaitUnsafeOnCompleted(ref awaiter, ref stateMachine);

    // One for each method, found without a look-up: the compiler makes a state machine type for each.
    private static class Method<TStateMachine>
    {
        public static readonly MethodTotals Totals = ServiceCalls.Add(NameOf(typeof(TStateMachine)));

        // CartService+<AddAsync>d__3 is CartService.Add.
        private static string NameOf(Type machine)
        {
            var name = machine.Name;
            var (from, to) = (name.IndexOf('<', StringComparison.Ordinal), name.LastIndexOf('>'));
            var method = from >= 0 && to > from ? name[(from + 1)..to] : name;
            return $"{machine.DeclaringType?.Name}.{(method.EndsWith("Async", StringComparison.Ordinal) ? method[..^5] : method)}";
        }
    }
}
