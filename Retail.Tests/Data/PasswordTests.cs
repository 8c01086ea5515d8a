using Npgsql;
using Retail.Tests.Commands;
using Retail.Tests.Observability;
using Xunit;

namespace Retail.Tests.Data;

/// <summary>A server that wants a password, as all do but our own.</summary>
public sealed class PasswordTests(RestartablePostgres postgres) : IClassFixture<RestartablePostgres>
{
    [Fact]
    public async Task The_password_of_DATABASE_URL_is_enough_for_migrations_and_all_that_follows()
    {
        await postgres.WantPasswordAsync("hunter2");
        var address = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Password = "hunter2" }.ConnectionString;
        var migrated = await RetailCommand.RunAsync(address, "", "migrate");
        Assert.True(migrated.ExitCode == 0, migrated.Errors);
        Assert.Equal("0\n", (await RetailCommand.RunAsync(address, "", "count", "products")).Output);
        Assert.Equal("1\n", (await RetailCommand.RunAsync(address, "", "dbshell", "--", "-At", "-c", "SELECT 1")).Output);
        var refused = await RetailCommand.RunAsync(postgres.ConnectionString, "", "migrate");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("wants a password", refused.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", migrated.Output + migrated.Errors + refused.Errors, StringComparison.Ordinal);
    }
}
