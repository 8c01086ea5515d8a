using Microsoft.Extensions.Logging;

namespace Retail.Core.Quality.Scenarios;

internal static partial class ScenariosLog
{
    [LoggerMessage(EventId = 7101, Level = LogLevel.Information, Message = "Read {Scenarios} quality scenarios, version {Fingerprint}")]
    public static partial void CatalogueRead(this ILogger logger, int scenarios, string fingerprint);

    [LoggerMessage(EventId = 7102, Level = LogLevel.Error, Message = "The catalogue of quality scenarios has a mistake: {Mistake}")]
    public static partial void CatalogueMistake(this ILogger logger, string mistake);

    [LoggerMessage(EventId = 7103, Level = LogLevel.Warning, Message = "Scenario {Scenario} fails: {Measure} is {Found}")]
    public static partial void ScenarioFails(this ILogger logger, string scenario, string measure, string found);

    [LoggerMessage(EventId = 7104, Level = LogLevel.Information, Message = "Scenario {Scenario} fails no more: {Status}")]
    public static partial void ScenarioIsBack(this ILogger logger, string scenario, string status);
}
