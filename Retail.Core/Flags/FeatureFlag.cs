namespace Retail.Core.Flags;

/// <summary>Parts of the store that can be switched to their plain path while it runs.</summary>
public enum FeatureFlag
{
    /// <summary>FEATURE_FLAG_USE_SERVICE_LAYER_PRODUCTS: on, lists and product pages come from the node's memory; off, each is read from the database.</summary>
    Products,

    /// <summary>FEATURE_FLAG_USE_SERVICE_LAYER_CART: on, carts show goods as the node's memory knows them; off, all of it is read from the database.</summary>
    Cart,

    /// <summary>FEATURE_FLAG_USE_SERVICE_LAYER_ORDERS: on, orders that come together share a commit; off, each has its own.</summary>
    Orders,
}

/// <summary>What a flag does, in words.</summary>
public static class FlagWords
{
    /// <summary>What is done by the new path.</summary>
    public static string New(FeatureFlag flag) => flag switch
    {
        FeatureFlag.Products => "Using CatalogService (new service layer) for product listing",
        FeatureFlag.Cart => "Using CartService (new service layer) for carts",
        FeatureFlag.Orders => "Using OrderIntake (new service layer) for orders",
        _ => throw new ArgumentOutOfRangeException(nameof(flag), flag, "Not a flag."),
    };

    /// <summary>What is done by the plain path.</summary>
    public static string Legacy(FeatureFlag flag) => flag switch
    {
        FeatureFlag.Products => "Using legacy implementation for product listing",
        FeatureFlag.Cart => "Using legacy implementation for carts",
        FeatureFlag.Orders => "Using legacy implementation for orders",
        _ => throw new ArgumentOutOfRangeException(nameof(flag), flag, "Not a flag."),
    };

    /// <summary>What the switch means for the store: one sentence for each position.</summary>
    public static (string On, string Off) Meaning(FeatureFlag flag) => flag switch
    {
        FeatureFlag.Products => ("Lists and product pages come from memory.", "Each list and product page is read from the database."),
        FeatureFlag.Cart => ("Carts show names, prices and pictures from memory.", "All that a cart shows is read from the database."),
        FeatureFlag.Orders => ("Orders that come together share a commit.", "Each order has a commit of its own."),
        _ => throw new ArgumentOutOfRangeException(nameof(flag), flag, "Not a flag."),
    };
}
