using Retail.Core.Common.Logs;
using Xunit;

namespace Retail.Tests.Observability;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("4242424242424242", "***")]
    [InlineData("card 4242 4242 4242 4242 ok", "card *** ok")]
    [InlineData("pan4242-4242-4242-4242x", "pan***x")]
    [InlineData("12 4242 4242 4242 4242", "12 ***")]
    [InlineData("378282246310005, 6011111111111117", "***, ***")]
    [InlineData("4242424242424243", "4242424242424243")]
    [InlineData("0000000000000000", "0000000000000000")]
    [InlineData("0199d3f0-4242-7242-8242-424242424242", "0199d3f0-4242-7242-8242-424242424242")]
    [InlineData("password=hunter2&name=ann", "password=***&name=ann")]
    [InlineData("Host=db;Password=\"a;b c\";Port=1", "Host=db;Password=***;Port=1")]
    [InlineData("{\"client_secret\": \"a b\", \"x\": 1}", "{\"client_secret\": ***, \"x\": 1}")]
    [InlineData("Cookie: a=b; c=d\nnext", "Cookie: ***\nnext")]
    [InlineData("Your password was changed", "Your password was changed")]
    [InlineData("postgresql://ann:s3cret@db/x", "postgresql://ann:***@db/x")]
    public void Secrets_are_masked_and_the_rest_stays(string text, string expected) => Assert.Equal(expected, Redaction.Text(text));
}
