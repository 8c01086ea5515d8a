using Microsoft.Extensions.Logging;

namespace Retail.Core.Data;

internal static partial class PostgresClusterLog
{
    [LoggerMessage(EventId = 1101, Level = LogLevel.Information, Message = "Made a PostgreSQL {Version} database in {Folder}")]
    public static partial void ClusterCreated(this ILogger logger, int version, string folder);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Information, Message = "User {Account}, who runs PostgreSQL for root, can't enter {DataFolder}: the database goes to {Folder}, with a link to it")]
    public static partial void ClusterPlacedElsewhere(this ILogger logger, string account, string dataFolder, string folder);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Information, Message = "Started PostgreSQL (process {Pid}, socket in {SocketFolder})")]
    public static partial void ServerStarted(this ILogger logger, int pid, string socketFolder);

    [LoggerMessage(EventId = 1104, Level = LogLevel.Warning, Message = "Took over PostgreSQL (process {Pid}, socket in {SocketFolder}) that a killed store had left running")]
    public static partial void ServerTakenOver(this ILogger logger, int pid, string socketFolder);

    [LoggerMessage(EventId = 1105, Level = LogLevel.Information, Message = "Stopped PostgreSQL (process {Pid})")]
    public static partial void ServerStopped(this ILogger logger, int pid);

    [LoggerMessage(EventId = 1106, Level = LogLevel.Error, Message = "PostgreSQL (process {Pid}) could not be stopped: {Answer}")]
    public static partial void ServerNotStopped(this ILogger logger, int pid, string answer);
}
