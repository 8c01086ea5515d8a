using System.Text;
using Retail.Core.Common.Logs;
using Xunit;

namespace Retail.Tests.Observability;

public sealed class LogFileTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("retail-roll-").FullName;

    [Fact]
    public void It_is_rolled_by_size_and_by_day_and_the_oldest_go()
    {
        using (var file = new RollingFile(new LogsOptions { Folder = _folder, FileSizeLimit = 1_000, FilesKept = 3 }))
        {
            for (var i = 0; i < 10; i++) Assert.Null(file.Append(Encoding.UTF8.GetBytes(new string('x', 600)), Noon.AddSeconds(i)));
            Assert.Equal(3, Directory.GetFiles(_folder).Length);
            Assert.Null(file.Append("next day"u8, Noon.AddDays(1)));
        }
        Assert.Equal(3, Directory.GetFiles(_folder).Length);
        Assert.Equal("next day", File.ReadAllText(Path.Combine(_folder, "application.log")));
        Assert.True(File.Exists(Path.Combine(_folder, "application.20260302T1200000000000.log")));
    }

    [Fact]
    public void A_second_process_takes_a_file_of_its_own()
    {
        var options = new LogsOptions { Folder = _folder };
        using (RollingFile first = new(options), second = new(options))
        {
            Assert.Null(first.Append("first"u8, Noon));
            Assert.Null(second.Append("second"u8, Noon));
        }
        Assert.Equal("first", File.ReadAllText(Path.Combine(_folder, "application.log")));
        Assert.Equal("second", File.ReadAllText(Path.Combine(_folder, "application-2.log")));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_told_once_a_minute_and_is_no_failure()
    {
        var blocked = Path.Combine(_folder, "a-file");
        File.WriteAllText(blocked, "");
        using var file = new RollingFile(new LogsOptions { Folder = Path.Combine(blocked, "logs") });
        Assert.NotNull(file.Append("lost"u8, Noon));
        Assert.Null(file.Append("lost"u8, Noon.AddSeconds(30)));
        Assert.NotNull(file.Append("lost"u8, Noon.AddSeconds(61)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
