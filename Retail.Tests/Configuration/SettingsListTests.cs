using Retail.Tests.Commands;
using Retail.Tests.HouseRules;
using Xunit;

namespace Retail.Tests.Configuration;

public sealed class SettingsListTests
{
    [Theory]
    [InlineData("--markdown", "docs/configuration.md")]
    [InlineData("--env", ".env.example")]
    public async Task What_is_written_about_settings_is_what_their_classes_say(string option, string file)
    {
        var answer = await RetailCommand.RunAsync("", "", "configuration", option);
        Assert.Equal((0, ""), (answer.ExitCode, answer.Errors));
        var written = await File.ReadAllTextAsync(Path.Combine(DependencyTests.RepositoryRoot(), file), TestContext.Current.CancellationToken);
        Assert.True(answer.Output == written, $"{file} is not what `retail configuration {option}` prints: run it anew.");
    }

    [Fact]
    public async Task Every_setting_is_documented()
    {
        var rows = (await RetailCommand.RunAsync("", "", "configuration", "--markdown")).Output.Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal) && l.Split(" | ").Length == 4).ToList();
        Assert.True(rows.Count > 50, $"Only {rows.Count} settings were looked at.");
        Assert.All(rows, row => Assert.True(row.Split(" | ")[3].Trim(' ', '|').Length > 5, $"This setting has no documentation: {row}"));
    }

    [Fact]
    public void Classes_of_settings_are_registered_in_the_one_way_that_lists_them()
    {
        var root = DependencyTests.RepositoryRoot();
        var files = new[] { "Retail.Core", "Retail.Web", "Retail.Worker" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(root, project), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).ToList();
        Assert.Contains(files, file => File.ReadAllText(file).Contains(".AddSettings<", StringComparison.Ordinal));
        var others = files.Where(file => !file.EndsWith("SettingsModule.cs", StringComparison.Ordinal) && File.ReadAllText(file).Contains("BindConfiguration(", StringComparison.Ordinal));
        Assert.Empty(others);
    }

    [Fact]
    public async Task Settings_in_force_are_shown_and_secrets_only_as_set()
    {
        var answer = await RetailCommand.RunAsync([("Store__Name", "Corner"), ("SECRET_KEY", "hunter2hunter2"), ("Sms__Url", "https://sms.example/send?token=hunter2")],
            "postgresql://ann:hunter2@db/shop", "", "configuration");
        Assert.Contains("Store:Name = Corner   (set)", answer.Output, StringComparison.Ordinal);
        Assert.Contains("SECRET_KEY = (set)   (set)", answer.Output, StringComparison.Ordinal);
        Assert.Contains("DATABASE_URL = postgresql://ann:***@db/shop", answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", answer.Output, StringComparison.Ordinal);
    }
}
