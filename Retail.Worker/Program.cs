using Microsoft.Extensions.Options;
using Retail.Core.Data;
using Retail.Worker;

// The embedded store runs the worker in its own process; this one is for a server that several processes share.
try
{
    await WorkerHost.RunAsync(args);
    return 0;
}
catch (StartupException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (OptionsValidationException e)
{
    foreach (var failure in e.Failures) await Console.Error.WriteLineAsync($"A setting can't be used: {failure}");
    return 1;
}
