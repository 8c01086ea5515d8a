using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Retail.Core.Common;
using Retail.Core.Payments.Gateway;
using Retail.Web.GatewaySimulator;
using Xunit;

namespace Retail.Tests.Payments.Gateway;

/// <summary>A host with the simulator on a socket of its own and the store's client, which knows it by its address only.</summary>
internal sealed class SimulatedGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new();

    private SimulatedGateway(WebApplication app) => _app = app;

    public SkippingClock Clock { get; private init; } = null!;

    public LogLines Log { get; private init; } = null!;

    public IPaymentGateway Client => _app.Services.GetRequiredService<IPaymentGateway>();

    public GatewayPipeline Pipeline => _app.Services.GetRequiredService<GatewayPipeline>();

    public Uri Address => _app.Services.GetRequiredService<GatewayAddress>().Current!;

    public static async Task<SimulatedGateway> StartAsync(NpgsqlDataSource database, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => $"Payments:{s.Name}", s => (string?)s.Value));
        var (clock, log) = (new SkippingClock(), new LogLines());
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        builder.Services.AddSingleton<TimeProvider>(clock).AddSingleton(database).AddPaymentGateway().AddGatewaySimulator();
        var app = builder.Build();
        app.MapGatewaySimulator();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app) { Clock = clock, Log = log };
    }

    public async Task FailAsync(object fault)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(Address, "faults"), fault, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task RecoverAsync() => (await _http.DeleteAsync(new Uri(Address, "faults"), TestContext.Current.CancellationToken)).Dispose();

    public Task<ChargeOutcome> ChargeAsync(Guid order, string token = "pm_card_visa", decimal amount = 12.50m, string? key = null) =>
        Client.ChargeAsync(new(order, new Money(amount, "USD"), token, key ?? $"order-{order}"), TestContext.Current.CancellationToken);

    /// <summary>A request as any client of the protocol would send it.</summary>
    public async Task<(int Status, string Body, bool Replayed)> PostAsync(string path, string? key, Dictionary<string, string> form, string secret = PaymentsOptions.SimulatorKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, path)) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Authorization = new("Bearer", secret);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Headers.Contains("Idempotent-Replayed"));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>Time that passes as usual and can be skipped besides; timers run in real time.</summary>
internal sealed class SkippingClock : TimeProvider
{
    private long _skipped;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _skipped));

    public void Skip(TimeSpan time) => Interlocked.Add(ref _skipped, time.Ticks);
}

/// <summary>Every line that anything in the host logs, down to trace.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly List<string> _lines = [];

    public string Text
    {
        get { lock (_lines) return string.Join('\n', _lines); }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines) _lines.Add($"{logLevel} {formatter(state, exception)} {exception}");
    }

    public void Dispose() { }
}
