using Spectre.Console;

namespace Retail.Web.Commands;

/// <summary>How far a long command is: a bar on a terminal, nothing where the output is kept.</summary>
internal static class ProgressBar
{
    /// <summary>Runs the work, which reports how many of its steps are done.</summary>
    public static async Task ShowAsync(string what, int steps, Func<IProgress<int>, Task> work)
    {
        // On standard error, so that a report piped on is the report alone.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected)
        {
            await work(new Steps(_ => { }));
            return;
        }
        await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(what, maxValue: steps);
                await work(new Steps(done => bar.Value = done));
            });
    }

    // Not Progress<T>, whose reports arrive on other threads in any order.
    private sealed class Steps(Action<int> show) : IProgress<int>
    {
        public void Report(int value) => show(value);
    }
}
