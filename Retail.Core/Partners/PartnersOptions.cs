using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Partners;

/// <summary>Settings "Partners".</summary>
public sealed class PartnersOptions
{
    /// <summary>The largest file, in bytes, as it comes.</summary>
    [Range(1024, 2_000_000_000)] public long MaxFileBytes { get; init; } = 200_000_000;

    /// <summary>The most bytes that a compressed file may unpack to.</summary>
    [Range(1024, 10_000_000_000)] public long MaxUnpackedBytes { get; init; } = 600_000_000;

    /// <summary>Feeds are fetched from addresses of private networks and of this machine too. Off, unless partners are inside.</summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>Folders of partners whose feeds are fetched from a folder lie here; empty: none are.</summary>
    [MaxLength(300)] public string Folder { get; init; } = "";

    /// <summary>The longest that fetching a file may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan PullTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Feeds that one partner may send in a minute.</summary>
    [Range(1, 100_000)] public int UploadsPerMinute { get; init; } = 10;

    /// <summary>Questions about runs that one partner may ask in a minute.</summary>
    [Range(1, 1_000_000)] public int ReadsPerMinute { get; init; } = 120;

    /// <summary>Calls with a wrong key that one address may make in a minute.</summary>
    [Range(1, 100_000)] public int WrongKeysPerMinute { get; init; } = 30;

    /// <summary>How long the content of a feed that is over is kept.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")] public TimeSpan KeepContents { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long runs and their reports are kept.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")] public TimeSpan KeepRuns { get; init; } = TimeSpan.FromDays(90);
}
