using Npgsql;
using Xunit;

namespace Retail.Tests.Support;

public sealed class TestDatabaseTests
{
    [Fact]
    public async Task Each_clone_has_the_templates_rows_and_none_of_the_others()
    {
        // A fixture of its own: the run's template belongs to the store's tests.
        await using var database = new TestDatabase();
        var one = await database.CloneAsync("cup", template => ExecuteAsync(template, "CREATE TABLE cup (n int); INSERT INTO cup VALUES (1)"));
        var two = await database.CloneAsync("cup", _ => throw new InvalidOperationException("The template is made once."));
        await ExecuteAsync(one, "INSERT INTO cup VALUES (2)");

        Assert.Equal(2L, await ExecuteAsync(one, "SELECT count(*) FROM cup"));
        Assert.Equal(1L, await ExecuteAsync(two, "SELECT count(*) FROM cup"));
        await database.DropAsync(one);
        await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(one, "SELECT 1"));
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
