using System.CommandLine;
using Retail.Core.Common.Settings;
using Retail.Web.Hosting;

namespace Retail.Web.Commands;

/// <summary>Shows the settings in force; writes docs/configuration.md and .env.example.</summary>
internal static class ConfigurationCommand
{
    private static readonly Option<bool> Markdown = new("--markdown") { Description = "Print docs/configuration.md." };
    private static readonly Option<bool> Env = new("--env") { Description = "Print .env.example." };

    public static Command Create()
    {
        var command = new Command("configuration", """
            Lists every setting with the value in force, never a secret.

            Examples:
              configuration
              configuration --markdown > docs/configuration.md
              configuration --env > .env.example
            """)
        { Markdown, Env };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Markdown) && result.GetValue(Env)) result.AddError("Choose either --markdown or --env.");
        });
        command.SetAction(parsed =>
        {
            var sections = StoreSettings.Sections();
            if (parsed.GetValue(Markdown)) Console.Write(ConfigurationText.Markdown(sections));
            else if (parsed.GetValue(Env)) Console.Write(ConfigurationText.Env(sections));
            else Show(sections, StoreSettings.Read());
        });
        return command;
    }

    private static void Show(IEnumerable<SettingsSection> sections, IConfiguration configuration)
    {
        foreach (var setting in sections.SelectMany(Setting.Of))
        {
            var value = configuration[setting.Key];
            Console.WriteLine($"{setting.Key} = {setting.Show(value ?? setting.Default)}{(value is null ? "" : "   (set)")}");
        }
    }
}
