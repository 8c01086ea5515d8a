using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;

namespace Retail.Core.Data;

/// <summary>What a program answered.</summary>
internal sealed record CommandResult(int ExitCode, string Output)
{
    public bool Ok => ExitCode == 0;
}

/// <summary>Who PostgreSQL's programs run as: oneself; for root, whom PostgreSQL refuses, the cluster's owner, "postgres" or "nobody".</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ServerAccount
{
    private readonly string _user, _group;
    private readonly string[] _stepDown;

    private ServerAccount(string name, string user, string group)
    {
        (Name, _user, _group) = (name, user, group);
        _stepDown = name == Environment.UserName ? [] : ["setpriv", "--reuid", user, "--regid", group, "--clear-groups", "--"];
    }

    /// <summary>The account's name, for messages.</summary>
    public string Name { get; }

    /// <summary>True where the store runs as root and its server as another account.</summary>
    public bool IsOther => _stepDown.Length > 0;

    /// <summary>Chooses the account; a cluster that exists already is run by its owner.</summary>
    public static async Task<ServerAccount> ForAsync(string? cluster, CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess) return new(Environment.UserName, "", "");
        if (cluster is not null && await RunAsync("stat", ["-c", "%u %g %U", cluster], ct) is { Ok: true } owner
            && owner.Output.Split(' ') is [{ } uid, { } gid, { } name] && uid != "0") return new(name, uid, gid);
        foreach (var candidate in (string[])["postgres", "nobody"])
            if (await RunAsync("id", ["-u", candidate], ct) is { Ok: true } user && await RunAsync("id", ["-g", candidate], ct) is { Ok: true } group)
                return new(candidate, user.Output, group.Output);
        throw new StartupException("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody: start the store as another user.");
    }

    /// <summary>Whether the account can enter a folder; it may lie under one that is closed to it.</summary>
    public async Task<bool> CanEnterAsync(string folder, CancellationToken ct) => !IsOther || (await RunAsAsync("test", ["-x", folder], null, ct)).Ok;

    /// <summary>Makes a folder of the account's own, closed to others.</summary>
    public async Task MakeFolderAsync(string folder, CancellationToken ct)
    {
        var made = await RunAsync("install", IsOther ? ["-d", "-m", "0700", "-o", _user, "-g", _group, folder] : ["-d", "-m", "0700", folder], ct);
        if (!made.Ok) throw new StartupException($"The folder {folder} can't be made ({made.Output}): set RETAIL_DATA to another folder.");
    }

    /// <summary>Runs a program as the account, in the cluster's folder where one is given; answers when it ends.</summary>
    public Task<CommandResult> RunAsAsync(string program, string[] arguments, string? cluster, CancellationToken ct) =>
        IsOther ? RunAsync(_stepDown[0], [.. _stepDown[1..], program, .. arguments], ct, cluster) : RunAsync(program, arguments, ct, cluster);

    private static async Task<CommandResult> RunAsync(string program, string[] arguments, CancellationToken ct, string? cluster = null)
    {
        // "/" because the account may not be able to enter the folder in which the store was started.
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = cluster ?? "/" };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        // Paths go by the environment, because pg_ctl hands its -D to a shell.
        start.Environment["PGDATA"] = cluster;
        start.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(start)!;
            using var killed = ct.Register(process.Kill);
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            ct.ThrowIfCancellationRequested();
            return new(process.ExitCode, $"{await output}\n{await errors}".Trim());
        }
        catch (Win32Exception e)
        {
            throw new StartupException($"The program {program} is missing on this machine, or can't be run ({e.Message}).", e);
        }
    }
}
