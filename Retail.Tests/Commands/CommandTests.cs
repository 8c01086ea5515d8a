using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Commands;

public sealed class CommandTests(TestDatabase database)
{
    [Fact]
    public async Task Migrate_says_what_is_missing_and_applies_it_once()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        Assert.Contains("missing  ", (await retail.RunAsync("migrate", "--status")).Output, StringComparison.Ordinal);
        Assert.Contains("CREATE TABLE products", (await retail.RunAsync("migrate", "--script")).Output, StringComparison.Ordinal);
        Assert.Equal("", await retail.QueryAsync("SELECT coalesce(to_regclass('products')::text, '')"));

        Assert.Contains("applied  ", (await retail.RunAsync("migrate")).Output, StringComparison.Ordinal);
        Assert.Contains("nothing was changed", (await retail.RunAsync("migrate")).Output, StringComparison.Ordinal);
        Assert.Contains("The tables are up to date.", (await retail.RunAsync("migrate", "--status")).Output, StringComparison.Ordinal);
        Assert.Contains("-- Nothing is missing.", (await retail.RunAsync("migrate", "--script")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_admin_makes_one_admin_and_changes_the_password_only_when_told()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        var first = await retail.RunAsync("create-admin");
        Assert.Equal(0, first.ExitCode);
        Assert.Contains("Created the admin 'admin'.", first.Output, StringComparison.Ordinal);
        Assert.Contains("everybody knows the password", first.Errors, StringComparison.Ordinal);
        const string accounts = "SELECT string_agg(user_name || ' ' || email || ' ' || display_name || ' ' || r.name, ',') FROM customers c JOIN customer_roles cr ON cr.user_id = c.id JOIN roles r ON r.id = cr.role_id";
        Assert.Equal("admin admin@example.com admin admin", await retail.QueryAsync(accounts));

        var hash = await retail.QueryAsync("SELECT password_hash FROM customers");
        Assert.Contains("nothing was changed", (await retail.RunAsync("create-admin", "--password", "something else")).Output, StringComparison.Ordinal);
        Assert.Equal(hash, await retail.QueryAsync("SELECT password_hash FROM customers"));
        var reset = await retail.RunAsync("create-admin", "--reset-password", "--password", "something else");
        Assert.Equal((0, ""), (reset.ExitCode, reset.Errors));
        Assert.NotEqual(hash, await retail.QueryAsync("SELECT password_hash FROM customers"));

        var weak = await retail.RunAsync("create-admin", "--username", "kim", "--email", "kim@example.com", "--password", "short");
        Assert.Equal((1, "Passwords must be at least 8 characters.\n"), (weak.ExitCode, weak.Errors));
        Assert.Equal("1", await retail.QueryAsync("SELECT count(*) FROM customers"));
    }

    [Fact]
    public async Task Create_superuser_reads_piped_lines_and_never_guesses()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        var silent = await retail.RunAsync("create-superuser");
        Assert.Equal(1, silent.ExitCode);
        Assert.StartsWith("Nothing more to read", silent.Errors, StringComparison.Ordinal);
        var different = await retail.RunWithInputAsync("lee\nlee@example.com\nlong enough\nlong enoug\n", "create-superuser");
        Assert.Equal((1, "The two passwords are not the same.\n"), (different.ExitCode, different.Errors));
        Assert.Equal("0", await retail.QueryAsync("SELECT count(*) FROM customers"));

        var made = await retail.RunWithInputAsync("lee\nlee@example.com\nlong enough\nlong enough\n", "create-superuser");
        Assert.Equal((0, "Created the admin 'lee'.\n"), (made.ExitCode, made.Output));
        Assert.DoesNotContain("long enough", made.Output + made.Errors, StringComparison.Ordinal);
        var again = await retail.RunWithInputAsync("lee\nlee2@example.com\nlong enough\nlong enough\n", "create-superuser");
        Assert.Equal((1, "There is an account 'lee' already: choose another name.\n"), (again.ExitCode, again.Errors));
    }

    [Fact]
    public async Task Dbshell_hands_on_arguments_input_and_exit_code()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        Assert.Equal("42\n", (await retail.RunAsync("dbshell", "--", "-At", "-c", "SELECT 6 * 7")).Output);
        Assert.Equal("7\n", (await retail.RunWithInputAsync("SELECT 7", "dbshell", "--", "-At")).Output);
        Assert.Equal(3, (await retail.RunWithInputAsync("SELECT 1/0", "dbshell", "--", "-v", "ON_ERROR_STOP=1")).ExitCode);
    }

    [Theory]
    [InlineData("mysql://localhost/shop", "DATABASE_URL begins with mysql://")]
    [InlineData("postgresql://a:secret@localhost:notaport/x", "DATABASE_URL can't be understood")]
    [InlineData("postgresql://a:secret@localhost:1/x", "No database answers at localhost:1")]
    public async Task A_database_that_can_t_be_used_is_one_sentence(string url, string beginning)
    {
        foreach (var command in (string[])["serve", "migrate", "create-admin", "populate-products", "dbshell"])
        {
            var answer = await RetailCommand.RunAsync(url, "", command);
            Assert.Equal((1, ""), (answer.ExitCode, answer.Output));
            Assert.StartsWith(beginning, answer.Errors, StringComparison.Ordinal);
            Assert.Single(answer.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.DoesNotContain("secret", answer.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_can_t_be_served_is_one_sentence()
    {
        await using var retail = await RetailCommand.OnEmptyDatabaseAsync(database);
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        foreach (var (setting, sentence) in ((string, string)[])
        [
            ($"--urls=http://127.0.0.1:{((System.Net.IPEndPoint)taken.LocalEndpoint).Port}", "address already in use"),
            ("--urls=http://localhost:99999", "A port is from 1 to 65535."),
            ("--urls=nonsense", "Invalid url: 'nonsense'."),
            ("--Store:Currency=dollars", "A setting can't be used: "),
            ("--Logs:QueueLength=many", "'many' at 'Logs:QueueLength'"),
        ])
        {
            var answer = await retail.RunAsync("serve", $"--Logs:Folder={retail.Folder}", setting);
            Assert.Equal(1, answer.ExitCode);
            Assert.Contains(sentence, answer.Errors, StringComparison.Ordinal);
            Assert.Single(answer.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.DoesNotContain("   at ", answer.Output, StringComparison.Ordinal);
        }
        Assert.Equal("There is no command 'popluate': --help lists them.\n", (await retail.RunAsync("popluate")).Errors);
    }
}
