using Npgsql;
using Retail.Core.Data;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Data;

public sealed class DatabaseAnswersTests(TestDatabase database)
{
    [Fact]
    public async Task A_database_that_answers_is_no_obstacle() => Assert.Null(await RefusalAsync(_ => { }));

    [Fact]
    public async Task A_missing_database_is_named() =>
        Assert.Contains("There is no database 'nowhere'", await RefusalAsync(s => s.Database = "nowhere"), StringComparison.Ordinal);

    [Fact]
    public async Task An_unknown_user_is_named() =>
        Assert.Contains("does not let user 'stranger' in", await RefusalAsync(s => s.Username = "stranger"), StringComparison.Ordinal);

    private async Task<string?> RefusalAsync(Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = new NpgsqlConnectionStringBuilder((await database.ClusterAsync()).ConnectionString);
        change(settings);
        await using var source = NpgsqlDataSource.Create(settings);
        return (await Record.ExceptionAsync(() => DatabaseAddress.WaitAsync(source, TestContext.Current.CancellationToken)))?.Message;
    }
}
