using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Retail.Core.Data;

namespace Retail.Core.Quality.Drills;

/// <summary>Starts workers for a drill, as processes of their own that keep its promises and nothing else, so that one can be killed without harm.</summary>
public sealed class DrillWorkers(DatabaseServer server, IHostEnvironment host)
{
    private const string Program = "Retail.Worker.dll";

    /// <summary>Starts one. It says nothing on the terminal, and logs into a folder that goes with it.</summary>
    /// <param name="gateway">The payment gateway, which a worker must know.</param>
    /// <exception cref="DrillBrokenException">The worker's program is not on this machine.</exception>
    public DrillWorker Start(Uri gateway)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        var logs = Directory.CreateTempSubdirectory("retail-drill-").FullName;
        var start = new ProcessStartInfo("dotnet",
            [Find(), $"--Jobs:OnlyPromises:0={DrillPromise.OutboxKind}", "--Worker:HealthUrl=http://127.0.0.1:0", $"--Logs:Folder={logs}", "--Logs:Console=false", $"--Mail:Folder={logs}"])
        {
            WorkingDirectory = logs,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DATABASE_URL"] = server.ConnectionString;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = host.EnvironmentName;
        start.Environment["Payments__GatewayUrl"] = gateway.ToString();
        var process = Process.Start(start) ?? throw new DrillBrokenException("No worker could be started. Look whether dotnet is on the PATH.");
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process, logs);
    }

    // In an image all programs lie in one folder; after a build each has its own.
    private static string Find()
    {
        var here = AppContext.BaseDirectory;
        return new[] { here, here.Replace("Retail.Web", "Retail.Worker", StringComparison.Ordinal) }.Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists)
            ?? throw new DrillBrokenException($"The worker's program is not on this machine: {Program} was looked for beside {here}. Build the whole solution, or run the drill where the worker is installed.");
    }
}

/// <summary>A worker that belongs to a drill.</summary>
public sealed class DrillWorker(Process process, string logs) : IDisposable
{
    /// <summary>As it signs its promises; its name in the table of workers begins so.</summary>
    public string Node { get; } = DrillPromise.NodeOf(process.Id);

    /// <summary>It has ended.</summary>
    public bool IsGone => process.HasExited;

    /// <summary>Stands still as it is: SIGSTOP.</summary>
    public void Freeze() => Send("STOP");

    /// <summary>Goes on: SIGCONT.</summary>
    public void Thaw() => Send("CONT");

    /// <summary>As a power cut does it: SIGKILL.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
    }

    // The framework has no signals but the last one.
    private void Send(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process.Id.ToString(CultureInfo.InvariantCulture)}"]);
        kill.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(logs, recursive: true);
    }
}
