namespace Retail.Core.Catalog;

/// <summary>What <see cref="DirectList"/> and <see cref="DirectPages"/> walk along. In SQL, because EF Core knows no index on an expression or on a part of a value.</summary>
public static class DirectIndexes
{
    /// <summary>For the migration that brings the plain path.</summary>
    public const string Sql = """
        CREATE INDEX ix_products_by_name ON products ((upper(name)) COLLATE "C", id DESC) WHERE status = 'Published';
        CREATE INDEX ix_products_by_rating ON products (rating_average DESC, rating_count DESC, id DESC) WHERE status = 'Published';
        CREATE INDEX ix_products_by_shelf ON products (category_id, featured, published_at DESC, id DESC) WHERE status = 'Published';
        CREATE INDEX ix_products_by_brand ON products (brand, category_id) WHERE status = 'Published';
        CREATE INDEX ix_products_featured ON products (published_at DESC, id DESC) WHERE status = 'Published' AND featured;
        CREATE INDEX ix_variants_by_product ON variants (product_id) INCLUDE (id, price_amount) WHERE retired_at IS NULL;
        CREATE INDEX ix_variants_by_price ON variants (price_amount, product_id DESC) WHERE retired_at IS NULL;
        """;

    /// <summary>Takes them back.</summary>
    public const string DropSql = """
        DROP INDEX ix_products_by_name, ix_products_by_rating, ix_products_by_shelf, ix_products_by_brand, ix_products_featured, ix_variants_by_product, ix_variants_by_price;
        """;
}
