using Npgsql;
using Retail.Core.Data;
using Xunit;

namespace Retail.Tests.Data;

public sealed class DatabaseAddressTests
{
    [Theory]
    [InlineData("postgresql://ann:secret@db.example:6432/shop", "db.example", 6432, "ann", "secret", "shop")]
    [InlineData("postgres://ann:p%40s%2Fs%20%3F@db/shop", "db", 5432, "ann", "p@s/s ?", "shop")]
    [InlineData("postgresql://ann:a:b@db/shop", "db", 5432, "ann", "a:b", "shop")]
    [InlineData("postgresql://ann@[::1]:5433/shop", "::1", 5433, "ann", null, "shop")]
    [InlineData("postgresql://ann:x@one:5432,two:5433/shop", "one:5432,two:5433", 5432, "ann", "x", "shop")]
    [InlineData("postgresql://ann@%2Frun%2Fpostgresql/shop", "/run/postgresql", 5432, "ann", null, "shop")]
    [InlineData("postgresql:///shop?host=/run/postgresql&user=ann", "/run/postgresql", 5432, "ann", null, "shop")]
    [InlineData("postgresql://", "localhost", 5432, null, null, null)]
    [InlineData(" Host=db;Port=6432;Username=ann;Password=secret;Database=shop ", "db", 6432, "ann", "secret", "shop")]
    public void Every_usual_form_is_understood(string address, string host, int port, string? user, string? password, string? database)
    {
        var settings = new NpgsqlConnectionStringBuilder(DatabaseAddress.Parse(address));

        Assert.Equal((host, port, user, password, database), (settings.Host, settings.Port, settings.Username, settings.Password, settings.Database));
    }

    [Fact]
    public void The_stores_defaults_fill_what_is_not_said()
    {
        var settings = new NpgsqlConnectionStringBuilder(DatabaseAddress.Parse("postgresql://ann@db/shop"));

        Assert.Equal((20, 5, "retail", 100), (settings.MaxPoolSize, settings.Timeout, settings.ApplicationName, settings.MaxAutoPrepare));
    }

    [Theory]
    [InlineData("postgresql://ann@db/shop?sslmode=verify-full&connect_timeout=9&application_name=till&Max%20Auto%20Prepare=0&Maximum%20Pool%20Size=7")]
    [InlineData("Host=db;Username=ann;Database=shop;SSL Mode=VerifyFull;Timeout=9;Application Name=till;Max Auto Prepare=0;Maximum Pool Size=7")]
    public void What_is_said_stands(string address)
    {
        var settings = new NpgsqlConnectionStringBuilder(DatabaseAddress.Parse(address));

        Assert.Equal((SslMode.VerifyFull, 9, "till", 0, 7), (settings.SslMode, settings.Timeout, settings.ApplicationName, settings.MaxAutoPrepare, settings.MaxPoolSize));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("db.example", "neither")]
    [InlineData("Username=ann;Password=hunter2", "names no host")]
    [InlineData("mysql://ann:hunter2@db/shop", "begins with mysql://")]
    [InlineData("jdbc:postgresql://ann:hunter2@db/shop", "begins with jdbc:postgresql://")]
    [InlineData("postgresql://ann:hunter2/x@db/shop", "percent-encoded")]
    [InlineData("postgresql://ann:?hunter2@db/shop", "percent-encoded")]
    [InlineData("postgresql://ann:hunter2%@db/shop", "%25")]
    [InlineData("postgresql://ann:hunter2@db:99999/shop", "port")]
    [InlineData("postgresql://ann:hunter2/shop", "port")]
    [InlineData("postgresql://ann:hunter2@db/shop?sslmode=sometimes", "sslmode")]
    [InlineData("postgresql://ann:hunter2@db/shop?colour=red", "colour")]
    [InlineData("Host=db;Password=a;hunter2=b", "neither")]
    [InlineData("Host=db;Port=hunter2", "neither")]
    public void What_cannot_be_understood_is_refused_in_one_sentence_without_the_password(string address, string why)
    {
        var refusal = Assert.Throws<StartupException>(() => DatabaseAddress.Parse(address));

        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("DATABASE_URL ", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql://ann:hunter2@no-such-host.invalid/shop", "host 'no-such-host.invalid' is not known")]
    [InlineData("postgresql://ann:hunter2@127.0.0.1:1/shop", "No database answers at 127.0.0.1:1")]
    [InlineData("postgresql://ann:hunter2@%2Ftmp%2Fno-such-folder/shop", "No database answers at /tmp/no-such-folder")]
    public async Task A_database_that_cannot_be_reached_is_told_by_its_cause(string address, string why)
    {
        await using var database = NpgsqlDataSource.Create(DatabaseAddress.Parse(address));

        var refusal = await Assert.ThrowsAsync<StartupException>(() => DatabaseAddress.WaitAsync(database, TestContext.Current.CancellationToken));

        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refusal.Message, StringComparison.Ordinal);
    }
}
