namespace Retail.Core.Common;

/// <summary>One page of a list.</summary>
/// <param name="Items">The rows of this page.</param>
/// <param name="Number">The page's number, from 1.</param>
/// <param name="Size">The most rows a page has.</param>
/// <param name="Total">How many rows all pages have.</param>
public sealed record PageOf<T>(IReadOnlyList<T> Items, int Number, int Size, int Total)
{
    /// <summary>How many pages there are; an empty list has one, empty, page.</summary>
    public int Pages => Math.Max(1, (Total + Size - 1) / Size);

    /// <summary>There is a page before this one.</summary>
    public bool HasPrevious => Number > 1;

    /// <summary>There is a page after this one.</summary>
    public bool HasNext => Number < Pages;
}
