using System.Text;

namespace Retail.Web.Infrastructure;

/// <summary>Addresses as people type them: Account/SignIn is /account/sign-in. What stands in braces is left alone.</summary>
internal static class KebabCase
{
    public static string Of(string template)
    {
        var text = new StringBuilder(template.Length + 4);
        var inBraces = 0;
        for (var i = 0; i < template.Length; i++)
        {
            var c = template[i];
            inBraces += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (inBraces > 0 || !char.IsUpper(c)) text.Append(c);
            else
            {
                if (i > 0 && char.IsLower(template[i - 1])) text.Append('-');
                text.Append(char.ToLowerInvariant(c));
            }
        }
        return text.ToString();
    }
}
