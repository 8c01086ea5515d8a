using System.Globalization;

namespace Retail.Tests.Support;

/// <summary>How big a proof is: small in the suite, as big as an environment variable says when somebody wants to know (docs/development.md).</summary>
internal static class Size
{
    public static int Of(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
