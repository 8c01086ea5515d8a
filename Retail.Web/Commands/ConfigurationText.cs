using System.Text;
using Retail.Core.Common.Settings;

namespace Retail.Web.Commands;

/// <summary>docs/configuration.md and .env.example, as the classes of settings say them.</summary>
internal static class ConfigurationText
{
    private const string About = """
        # Configuration

        Every setting of the store, as its classes say it. This page is written by `retail configuration --markdown > docs/configuration.md`, and a test holds it against the classes.

        A setting can be given as an environment variable (`Logs__Folder=/var/log/retail`), as an option of `serve` (`--Logs:Folder=/var/log/retail`), or in a settings file. What stands later in this list wins:

        1. the default below
        2. `appsettings.json`, which all environments share
        3. `appsettings.Development.json`, `appsettings.Staging.json` or `appsettings.Production.json`
        4. environment variables (in compose: the file `.env`)
        5. options on the command line

        | environment | what is different |
        | --- | --- |
        | `Development` | the default of a store with a database of its own: the payment simulator is the gateway, few log files are kept |
        | `Staging` | as production, but with the payment simulator unless `Payments__GatewayUrl` names a gateway; the default of `docker-compose.yml` |
        | `Production` | no simulator; the start is refused with a `SECRET_KEY` or an admin password that everybody knows, and with `DEBUG` |

        `ASPNETCORE_ENVIRONMENT` names the environment; where it is not set, a store with `DATABASE_URL` is in production. `ASPNETCORE_URLS` (or `--urls`) says where it listens. A wrong value stops the start with one sentence. At start the log tells version, environment and all settings; of secrets only whether they are set. `retail configuration` shows what is in force, `retail verify-env` what production still needs.

        ## SECRET_KEY
        It encrypts, in the database, the keys that protect sessions, forms and links in mails. All nodes need the same one. To change it without signing anybody out:

        1. Start all nodes with `SECRET_KEY_PREVIOUS` set to the new secret: they can read it now.
        2. Start all nodes with `SECRET_KEY` set to the new secret and `SECRET_KEY_PREVIOUS` to the old one: the first that starts encrypts all keys anew.
        3. Leave `SECRET_KEY_PREVIOUS` out from the next start on.

        Changed at once, it signs everybody out and makes reset links void; a warning in the log says so. If it became known to others, do that, and delete the keys: `retail dbshell -- -c "DELETE FROM protection_keys"`.

        """;

    private const string EnvAbout = """
        # Settings of Retail for docker compose: copy this file to .env and change what you need. Lines that begin with # are off and show the default.
        # Written by `retail configuration --env`; docs/configuration.md says more.

        # Compose gives this file to the containers; as .env it names itself.
        RETAIL_ENV_FILE=.env

        # Development, Staging (as production, with the payment simulator) or Production. PRODUCTION: must be Production.
        ASPNETCORE_ENVIRONMENT=Staging

        # Password of the database's user, taken when the database is made. PRODUCTION: must be changed, here and in DATABASE_URL.
        POSTGRES_PASSWORD=retail

        # Where the store and the database are reached on this machine.
        # With several nodes RETAIL_PUBLISH=8000 gives each a port of Docker's choice; shoppers come through the proxy.
        #RETAIL_PUBLISH=8000:8000
        #POSTGRES_PORT=5432
        #PROXY_PORT=8080

        # Version that `docker compose build` writes into the image, and the job engine that it is built with.
        #RETAIL_VERSION=0.1.0
        #JOB_ENGINE=Quartz

        """;

    // What compose needs to work as it is: not off, and not the default.
    private static readonly Dictionary<string, string> ForCompose = new()
    {
        ["DATABASE_URL"] = "postgresql://retail:retail@db:5432/retail",
        ["SECRET_KEY"] = RuntimeOptions.PlaceholderSecretKey,
        ["DEBUG"] = "false",
        ["KnownProxies:0"] = "172.16.0.0/12",
        ["Payments:GatewayUrl"] = "http://web:8000/simulator/",
    };

    public static string Markdown(IEnumerable<SettingsSection> sections)
    {
        var text = new StringBuilder(About);
        foreach (var section in sections)
        {
            text.Append('\n').Append(section.Name.Length > 0 ? $"## {section.Name}\n" : "## Variables\n");
            text.Append("| setting | default | what it may be | meaning |\n| --- | --- | --- | --- |\n");
            foreach (var setting in Setting.Of(section))
                text.Append($"| `{setting.Variable}` | {Code(setting.Default)} | {Cell(setting.Limits)} | {Cell(setting.Meaning)}{Production(setting)} |\n");
        }
        return text.ToString();
    }

    public static string Env(IEnumerable<SettingsSection> sections)
    {
        var text = new StringBuilder(EnvAbout);
        foreach (var section in sections)
        {
            text.Append('\n').Append(section.Name.Length > 0 ? $"# ---- {section.Name}\n" : "# ---- Variables\n");
            foreach (var setting in Setting.Of(section))
            {
                text.Append("# ").Append(setting.Meaning);
                if (setting.Limits.Length > 0) text.Append(" (").Append(setting.Limits).Append(')');
                if (setting.Need is { } need) text.Append(" PRODUCTION: ").Append(need.Advice);
                text.Append(ForCompose.TryGetValue(setting.Key, out var given) ? $"\n{setting.Variable}={given}\n" : $"\n#{setting.Variable}={setting.Default}\n");
            }
        }
        return text.ToString();
    }

    private static string Production(Setting setting) => setting.Need is { } need ? $" **Production:** {Cell(need.Advice)}" : "";

    private static string Code(string value) => value.Length > 0 ? $"`{Cell(value)}`" : "";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
