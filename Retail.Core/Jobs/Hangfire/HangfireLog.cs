using Hangfire.Logging;
using Microsoft.Extensions.Logging;
using HangfireLevel = Hangfire.Logging.LogLevel;
using Level = Microsoft.Extensions.Logging.LogLevel;

namespace Retail.Core.Jobs.Hangfire;

/// <summary>Hangfire's own words go into the store's log, as long as its host lives: Hangfire keeps one provider for the whole process.</summary>
internal sealed class HangfireLog(ILoggerFactory loggers) : ILogProvider
{
    public ILog GetLogger(string name)
    {
        try
        {
            return new HangfireLogger(loggers.CreateLogger(name));
        }
        catch (ObjectDisposedException)
        {
            return new HangfireLogger(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        }
    }

    private sealed class HangfireLogger(ILogger logger) : ILog
    {
        public bool Log(HangfireLevel logLevel, Func<string>? messageFunc, Exception? exception)
        {
            var level = (Level)(int)logLevel;   // the same ladder, from trace to fatal
            if (!logger.IsEnabled(level)) return false;
            if (messageFunc is not null) logger.Log(level, default, messageFunc(), exception, (message, _) => message);
            return true;
        }
    }
}
