using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;
using Retail.Core.Data;
using Retail.Web.Hosting;

namespace Retail.Web.Commands;

/// <summary>psql on the store's database: its input, output and exit code are psql's.</summary>
internal static class DbShellCommand
{
    private static readonly Argument<string[]> Arguments = new("psql-arguments") { Description = "Passed on to psql; write -- before them.", Arity = ArgumentArity.ZeroOrMore };

    public static Command Create()
    {
        var command = new Command("dbshell", """
            Opens psql on the store's database, beside a store that runs or alone.

            Examples:
              dbshell
              dbshell -- -c "SELECT count(*) FROM orders"
              dbshell < report.sql
            """)
        { Arguments };
        command.SetAction(async (parsed, ct) =>
        {
            using var startup = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.None));
            await using var database = await StoreDatabase.AttachAsync(startup.CreateLogger("retail.startup"), ct);
            return await RunAsync(database, parsed.GetValue(Arguments) ?? []);
        });
        return command;
    }

    private static async Task<int> RunAsync(StoreDatabase database, string[] arguments)
    {
        var psql = database.BinFolder is { } folder && File.Exists(Path.Combine(folder, "psql")) ? Path.Combine(folder, "psql") : "psql";
        var start = new ProcessStartInfo(psql, arguments);
        var to = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        Set("PGHOST", to.Host);
        Set("PGPORT", to.Port.ToString(CultureInfo.InvariantCulture));
        Set("PGUSER", to.Username);
        Set("PGDATABASE", to.Database);
        Set("PGPASSWORD", to.Password);   // not as an argument, which everybody on the machine could read
        Set("PGSSLROOTCERT", to.RootCertificate);
        if (to.ShouldSerialize("SSL Mode")) Set("PGSSLMODE", SslMode(to.SslMode));
        // Ctrl-C stops the query in psql, not the shell around it.
        using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        try
        {
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode;
        }
        catch (Win32Exception e)
        {
            throw new StartupException("psql is not installed here: install it with `sudo apt-get install postgresql-client`.", e);
        }

        void Set(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) start.Environment[name] = value;
        }
    }

    private static string SslMode(SslMode mode) => mode switch
    {
        Npgsql.SslMode.VerifyCA => "verify-ca",
        Npgsql.SslMode.VerifyFull => "verify-full",
        _ => mode.ToString().ToLowerInvariant(),
    };
}
