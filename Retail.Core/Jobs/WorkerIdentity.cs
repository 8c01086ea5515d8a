using System.Security.Cryptography;

namespace Retail.Core.Jobs;

/// <summary>Who this worker is: the name under which it takes work, new at each start.</summary>
public sealed class WorkerIdentity
{
    /// <summary>Machine, process and a word that no other start of it has.</summary>
    public string Node { get; } = $"{Environment.MachineName}:{Environment.ProcessId}:{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
}
