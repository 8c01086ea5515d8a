using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Retail.Tests.Crash;

/// <summary>A node of the store and its worker as processes of their own on one database, so that they can be killed as a power cut kills.</summary>
/// <param name="connectionString">The store's database.</param>
/// <param name="gateway">Another store that plays the payment gateway; null: this one does.</param>
/// <param name="settings">As on the command line: --Store:Name=Shop.</param>
internal sealed class StoreProcess(string connectionString, StoreProcess? gateway = null, params string[] settings) : IDisposable
{
    private readonly string _logs = Directory.CreateTempSubdirectory("retail-crash-").FullName;
    private readonly List<Process> _processes = [];
    private Process? _store, _worker;

    /// <summary>The same after each start, so that browsers and the worker find it again.</summary>
    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort()}/");

    /// <summary>Starts the store and waits until it says that it is ready.</summary>
    public async Task StartAsync()
    {
        _store = Start("Retail.Web.dll", $"--urls={Address}");
        using var client = new HttpClient { BaseAddress = Address };
        while (!await IsReadyAsync(client))
        {
            Assert.False(_store.HasExited, $"The store did not start; its log is in {_logs}.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Starts one more worker and answers where its health can be asked for.</summary>
    public (Process Worker, Uri Health) StartWorker(params string[] more)
    {
        var health = new Uri($"http://127.0.0.1:{FreePort()}/");
        _worker = Start("Retail.Worker.dll", [$"--Worker:HealthUrl={health}", .. more]);
        return (_worker, health);
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => KillAsync(_store!);

    /// <summary>kill -9 of the worker.</summary>
    public Task KillWorkerAsync() => KillAsync(_worker!);

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited) process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        Directory.Delete(_logs, recursive: true);
    }

    private static async Task KillAsync(Process process)
    {
        Assert.False(process.HasExited, "It had died by itself before it was killed.");
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), $"--Logs:Folder={_logs}", "--Logs:Console=false", $"--Mail:Folder={_logs}/mail", .. settings, .. arguments])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _logs,
        };
        start.Environment["DATABASE_URL"] = connectionString;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";   // the simulator is the gateway
        start.Environment["Payments__GatewayUrl"] = new Uri((gateway ?? this).Address, "simulator/").ToString();
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        _processes.Add(process);
        return process;
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync("/health/readiness", TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;   // nobody listens yet
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
