using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Retail.Core.Common.Settings;

/// <summary>Says at start which version runs, in which environment and with which settings, never a secret; and when it is done (D0-17).</summary>
internal sealed class StartupReport(IEnumerable<SettingsSection> sections, IConfiguration configuration, IHostEnvironment environment, ILoggerFactory loggers) : IHostedLifecycleService
{
    private readonly ILogger _logger = loggers.CreateLogger("retail.startup");

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _logger.Starting(ReleaseInfo.Version, ReleaseInfo.Process, environment.EnvironmentName);
        foreach (var section in sections.OrderBy(s => s.Name, StringComparer.Ordinal))
        {
            if (!_logger.IsEnabled(LogLevel.Information)) break;
            var values = string.Join(", ", Setting.Of(section).Select(s => Told(s, Short(s.Key, section.Name))));
            _logger.Settings(section.Name.Length > 0 ? section.Name : "Variables", values);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _logger.Started(ReleaseInfo.Version, ReleaseInfo.Process);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Without a sign between a secret's name and its state, which the log would take for the secret itself.
    private string Told(Setting setting, string name) => setting.IsSecret
        ? $"{name} {(string.IsNullOrEmpty(configuration[setting.Key]) ? "not set" : "set")}"
        : $"{name}={setting.Show(configuration[setting.Key] ?? setting.Default)}";

    private static string Short(string key, string section) => section.Length > 0 ? key[(section.Length + 1)..] : key;
}

/// <summary>What runs.</summary>
public static class ReleaseInfo
{
    /// <summary>The version that was built, without its commit.</summary>
    public static string Version { get; } = (typeof(ReleaseInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];

    /// <summary>The program: Retail.Web or Retail.Worker.</summary>
    public static string Process { get; } = Assembly.GetEntryAssembly()?.GetName().Name ?? "Retail";
}

internal static partial class StartupLog
{
    [LoggerMessage(EventId = 1301, Level = LogLevel.Information, Message = "Starting Retail {Version} ({Process}) in {Environment}")]
    public static partial void Starting(this ILogger logger, string version, string process, string environment);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Information, Message = "Settings {Section}: {Values}")]
    public static partial void Settings(this ILogger logger, string section, string values);

    [LoggerMessage(EventId = 1303, Level = LogLevel.Information, Message = "Server started: Retail {Version} ({Process})")]
    public static partial void Started(this ILogger logger, string version, string process);
}
