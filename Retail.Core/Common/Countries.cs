namespace Retail.Core.Common;

/// <summary>Where the store sends parcels: ISO 3166-1 codes with the names that people read, the most frequent first.</summary>
public static class Countries
{
    /// <summary>Codes and names, as a list to choose from shows them.</summary>
    public static IReadOnlyList<(string Code, string Name)> All { get; } =
    [
        ("US", "United States"), ("CA", "Canada"), ("GB", "United Kingdom"),
        ("AU", "Australia"), ("AT", "Austria"), ("BE", "Belgium"), ("BR", "Brazil"), ("BG", "Bulgaria"), ("HR", "Croatia"), ("CY", "Cyprus"),
        ("CZ", "Czechia"), ("DK", "Denmark"), ("EE", "Estonia"), ("FI", "Finland"), ("FR", "France"), ("DE", "Germany"), ("GR", "Greece"),
        ("HU", "Hungary"), ("IS", "Iceland"), ("IN", "India"), ("IE", "Ireland"), ("IL", "Israel"), ("IT", "Italy"), ("JP", "Japan"),
        ("LV", "Latvia"), ("LT", "Lithuania"), ("LU", "Luxembourg"), ("MT", "Malta"), ("MX", "Mexico"), ("NL", "Netherlands"),
        ("NZ", "New Zealand"), ("NO", "Norway"), ("PL", "Poland"), ("PT", "Portugal"), ("RO", "Romania"), ("SG", "Singapore"),
        ("SK", "Slovakia"), ("SI", "Slovenia"), ("KR", "South Korea"), ("ES", "Spain"), ("SE", "Sweden"), ("CH", "Switzerland"),
    ];

    private static readonly Dictionary<string, string> Names = All.ToDictionary(c => c.Code, c => c.Name);

    /// <summary>The name of a code; a code that the list does not know is its own name.</summary>
    public static string NameOf(string code) => Names.GetValueOrDefault(code, code);

    /// <summary>Parcels are sent there.</summary>
    public static bool Knows(string? code) => code is not null && Names.ContainsKey(code);
}
