using System.Globalization;

namespace Retail.Core.Data;

/// <summary>One store at a time on a data folder; the kernel lets go of it when the holder dies, however it dies.</summary>
internal sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _pidFile;

    private DataFolderLock(FileStream file, string pidFile) => (_file, _pidFile) = (file, pidFile);

    /// <summary>Takes the folder, making it where it is missing; null when another process holds it.</summary>
    public static DataFolderLock? TryTake(string dataFolder)
    {
        try
        {
            Directory.CreateDirectory(dataFolder);
            var file = new FileStream(Path.Combine(dataFolder, "store.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var pidFile = PidFile(dataFolder);
            File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new(file, pidFile);
        }
        catch (IOException e) when (e.HResult is 11 or 35)    // EWOULDBLOCK of Linux, of macOS
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The data folder {dataFolder} can't be written by user {Environment.UserName}: give it to that user, or set RETAIL_DATA to another folder.", e);
        }
    }

    /// <summary>The refusal of a second store; names the holder.</summary>
    public static StartupException Taken(string dataFolder)
    {
        // The lock file itself can't be read while it is held, so the holder's pid stands beside it.
        var pid = File.Exists(PidFile(dataFolder)) ? File.ReadAllText(PidFile(dataFolder)) : "unknown";
        return new($"The data folder {dataFolder} is in use by another store (process {pid}): stop that one, or set RETAIL_DATA to another folder.");
    }

    /// <summary>Lets go of the folder.</summary>
    public void Dispose()
    {
        if (!_file.CanWrite) return;
        File.Delete(_pidFile);
        _file.Dispose();
    }

    private static string PidFile(string dataFolder) => Path.Combine(dataFolder, "store.pid");
}
