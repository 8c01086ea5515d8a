using System.ComponentModel.DataAnnotations;

namespace Retail.Web.Infrastructure;

/// <summary>One line of text as people write it: no control characters, which the database or a label printer would choke on.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PlainTextAttribute() : ValidationAttribute("Please write this again: it holds characters that can't be seen.")
{
    public override bool IsValid(object? value) => value is not string text || !text.Any(char.IsControl);
}

/// <summary>An email address: something, one @, something with a dot; whether it exists only a mail can tell. At most 254 characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EmailAttribute() : ValidationAttribute("Write your email like name@example.com.")
{
    public const int MaxLength = 254;

    public override bool IsValid(object? value) => value is not string { Length: > 0 } text
        || text.Length <= MaxLength && text.Split('@') is [{ Length: > 0 }, var host] && host.Trim('.') == host && host.Contains('.', StringComparison.Ordinal)
        && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c));
}
