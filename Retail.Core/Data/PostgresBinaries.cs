using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Retail.Core.Data;

/// <summary>One installed PostgreSQL: its folder of programs and its major version.</summary>
internal sealed partial record PostgresBinaries(string Folder, int Version)
{
    private const int Oldest = 15, Newest = 18;

    private static readonly string[] UsualFolders =
    [
        "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/usr/libexec/postgresql*", "/usr/local/bin", "/usr/local/pgsql*/bin",
        "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/Library/PostgreSQL/*/bin", "/usr/bin",
    ];

    /// <summary>The installation of the wanted version, or the newest that the store works with.</summary>
    /// <param name="wanted">The version that made the cluster; null for a new one.</param>
    /// <param name="cluster">The cluster's folder, for the refusal.</param>
    public static PostgresBinaries Choose(int? wanted, string cluster)
    {
        if (wanted is < Oldest or > Newest)
            throw new StartupException($"The database in {cluster} was made by PostgreSQL {wanted}, and the store works with {Oldest} to {Newest}: move it with pg_upgrade or pg_dump, or set RETAIL_DATA to another folder.");
        var installed = Installed();
        if (installed.Count == 0)
            throw new StartupException($"No PostgreSQL ({Oldest} to {Newest}) is installed here: install it with `{InstallCommand}`, or set DATABASE_URL to a server's address.");
        return (wanted is null ? installed.MaxBy(i => i.Version) : installed.FirstOrDefault(i => i.Version == wanted))
            ?? throw new StartupException($"The database in {cluster} was made by PostgreSQL {wanted}, but only {string.Join(", ", installed.Select(i => i.Version).Distinct().Order())} is installed here: install version {wanted}, or set RETAIL_DATA to another folder.");
    }

    /// <summary>The path of one of its programs.</summary>
    public string Program(string name) => Path.Combine(Folder, name);

    private static List<PostgresBinaries> Installed() =>
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(UsualFolders.SelectMany(Expand))
            .Where(Path.IsPathRooted).Where(IsWhole).Select(Home).Distinct()
            .Select(folder => new PostgresBinaries(folder, VersionOf(folder)))
            .Where(i => i.Version is >= Oldest and <= Newest)];

    private static bool IsWhole(string folder) => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl"));

    // A folder on PATH may hold links to some of the programs only; psql lies where they lead.
    private static string Home(string folder)
    {
        var target = new FileInfo(Path.Combine(folder, "pg_ctl")).ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        return Path.GetDirectoryName(target) is { } home && IsWhole(home) ? home : folder;
    }

    // "/usr/lib/postgresql/*/bin": at most one part of the path holds a star.
    private static IEnumerable<string> Expand(string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0) return [pattern];
        var start = pattern.LastIndexOf('/', star);
        var end = pattern.IndexOf('/', star);
        var (parent, part, rest) = (pattern[..start], end < 0 ? pattern[(start + 1)..] : pattern[(start + 1)..end], end < 0 ? "" : pattern[(end + 1)..]);
        return Directory.Exists(parent) ? Directory.EnumerateDirectories(parent, part).Select(found => Path.Combine(found, rest)) : [];
    }

    private static int VersionOf(string folder)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Path.Combine(folder, "pg_ctl"), "--version") { RedirectStandardOutput = true })!;
            var match = VersionPattern().Match(process.StandardOutput.ReadToEnd());
            process.WaitForExit();
            return match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
        }
        catch (Win32Exception)
        {
            // A link that leads nowhere, or another machine's program: as good as not installed.
            return 0;
        }
    }

    private static string InstallCommand =>
        OperatingSystem.IsMacOS() ? "brew install postgresql@17"
        : File.Exists("/usr/bin/dnf") ? "sudo dnf install postgresql-server postgresql-contrib"
        : "sudo apt-get install postgresql";

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex VersionPattern();
}
