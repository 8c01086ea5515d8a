using System.Reflection;
using System.Runtime.CompilerServices;
using Retail.Core.Common;
using Retail.Core.Data;
using Retail.Core.Metrics;
using Retail.Core.Metrics.Calls;
using Xunit;

namespace Retail.Tests.Observability;

/// <summary>How long service methods take and how often they refuse, without a line in their bodies.</summary>
public sealed class MeasuredTests
{
    [Fact]
    public async Task A_call_is_counted_with_its_time_and_its_refusal()
    {
        Assert.True((await TestService.DoAsync(refuse: false)).Ok);
        Assert.Equal("no", (await TestService.DoAsync(refuse: true)).Error!.Code);
        await Assert.ThrowsAsync<InvalidOperationException>(() => TestService.FailAsync());
        var totals = ServiceCalls.All.Single(m => m.Key == "TestService.Do").Value;
        var times = new LatencyTotals.Mark().Take(totals.Times)!;
        Assert.Equal((2L, 1L, 0L), (times.Count, totals.Refused, totals.Failed));
        Assert.InRange(times.TotalMs, 60, double.MaxValue);   // two waits of 30 ms each
        Assert.Equal((0L, 1L), (ServiceCalls.All.Single(m => m.Key == "TestService.Fail").Value.Refused, ServiceCalls.All.Single(m => m.Key == "TestService.Fail").Value.Failed));
    }

    [Fact]
    public void Every_use_case_that_can_be_refused_is_measured()
    {
        var methods = typeof(RetailDbContext).Assembly.GetTypes().Where(t => t.IsClass)
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(m => !m.IsSpecialName && m.ReturnType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Task<>)
                && typeof(IServiceOutcome).IsAssignableFrom(type.GetGenericArguments()[0])).ToList();
        Assert.True(methods.Count > 20, $"Only {methods.Count} use cases were found.");
        var forgotten = methods.Where(m => m.GetCustomAttribute<AsyncMethodBuilderAttribute>() is null).Select(m => $"{m.DeclaringType!.Name}.{m.Name}").ToList();
        Assert.True(forgotten.Count == 0, $"[AsyncMethodBuilder(typeof(Measured<>))] is missing on {string.Join(", ", forgotten)}");
    }

    private static class TestService
    {
        [AsyncMethodBuilder(typeof(Measured<>))]
        public static async Task<ServiceResult<int>> DoAsync(bool refuse)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(31), TestContext.Current.CancellationToken);
            return refuse ? new ServiceError(Refusal.Conflict, "no", "No.") : 1;
        }

        [AsyncMethodBuilder(typeof(Measured<>))]
        public static async Task<ServiceResult> FailAsync()
        {
            await Task.Yield();
            throw new InvalidOperationException("broken");
        }
    }
}
