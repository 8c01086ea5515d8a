namespace Retail.Core.Catalog;

/// <summary>A shelf of the store. Every product stands on exactly one.</summary>
public sealed class Category
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 80;

    /// <summary>The longest description, in characters.</summary>
    public const int MaxDescriptionLength = 300;

    /// <summary>The highest position in menus.</summary>
    public const int MaxPosition = 1000;

    /// <summary>Key.</summary>
    public Guid Id { get; init; }

    /// <summary>Unique name in the address bar.</summary>
    public required string Slug { get; set; }

    /// <summary>What people read.</summary>
    public required string Name { get; set; }

    /// <summary>One line beneath the name; may be empty.</summary>
    public string Description { get; set; } = "";

    /// <summary>Order in menus, lowest first.</summary>
    public int Position { get; set; }

    /// <summary>Row version, for edits that must not overwrite each other.</summary>
    public uint Version { get; private init; }
}
