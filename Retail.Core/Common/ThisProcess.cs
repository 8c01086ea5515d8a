using System.Reflection;

namespace Retail.Core.Common;

/// <summary>How this process calls itself in what it writes down.</summary>
public static class ThisProcess
{
    /// <summary>machine:process.</summary>
    public static string Node { get; } = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>The version of the program.</summary>
    public static string Release { get; } =
        (Assembly.GetEntryAssembly() ?? typeof(ThisProcess).Assembly).GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
