using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Web.Infrastructure;
using Xunit;

namespace Retail.Tests.Observability;

/// <summary>A real Kestrel with our middleware and a few endpoints; its log file is read after it stopped.</summary>
public sealed class SmallHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder = Directory.CreateTempSubdirectory("retail-logs-").FullName;

    private SmallHost(Action<WebApplication> map, string connectionString, string environment)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment, ApplicationName = "Retail.Tests" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Logs:Folder"] = _folder, ["Logs:Console"] = "false" });
        builder.Services.AddSingleton(NpgsqlDataSource.Create(connectionString));
        builder.AddRetailObservability();
        _app = builder.Build();
        _app.UseRetailObservability();
        _app.UseCrossOriginGuard("/simulator");
        map(_app);
    }

    private HttpClient Client { get; } = new();

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static async Task<SmallHost> StartAsync(
        Action<WebApplication> map, string connectionString = "Host=/nowhere", string environment = "Development")
    {
        var host = new SmallHost(map, connectionString, environment);
        await host._app.StartAsync();
        host.Client.BaseAddress = new Uri(host._app.Urls.Single());
        return host;
    }

    /// <summary>Stops the host and answers all that it logged.</summary>
    public async Task<(string Text, IReadOnlyList<JsonElement> Lines)> StopAndReadAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        var text = await File.ReadAllTextAsync(Path.Combine(_folder, "application.log"));
        return (text, [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))]);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
