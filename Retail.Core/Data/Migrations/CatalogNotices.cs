namespace Retail.Core.Data.Migrations;

/// <summary>
/// Triggers that tell every node which products changed, so that no writer, not even psql, can forget to. Once a statement,
/// never once a row; past 100 products the notice says "all", because a notice holds 8,000 bytes.
/// </summary>
internal static class CatalogNotices
{
    public const string Sql = """
        CREATE FUNCTION notify_catalog() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('catalog', 'all');
            RETURN NULL;
        END $$;

        CREATE FUNCTION notify_ids(kind text, ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            IF cardinality(ids) = 0 OR ids IS NULL THEN RETURN; END IF;
            PERFORM pg_notify('catalog', CASE WHEN cardinality(ids) > 100 THEN 'all' ELSE kind || ':' || array_to_string(ids, ',') END);
        END $$;

        CREATE FUNCTION notify_products() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_TABLE_NAME = 'products' THEN
                PERFORM notify_ids('products', ARRAY(SELECT id FROM changed ORDER BY id LIMIT 101));
            ELSE
                PERFORM notify_ids('products', ARRAY(SELECT DISTINCT product_id FROM changed ORDER BY product_id LIMIT 101));
            END IF;
            RETURN NULL;
        END $$;

        -- Only when the step that pages show changes: sold out, 1 to 5 left, in stock.
        CREATE FUNCTION notify_stock() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM notify_ids('stock', ARRAY(
                SELECT DISTINCT v.product_id FROM was JOIN now_is USING (variant_id) JOIN variants v ON v.id = was.variant_id
                WHERE least(was.on_hand - was.reserved, 6) <> least(now_is.on_hand - now_is.reserved, 6) ORDER BY v.product_id LIMIT 101));
            RETURN NULL;
        END $$;

        CREATE TRIGGER categories_notice AFTER INSERT OR UPDATE OR DELETE ON categories FOR EACH STATEMENT EXECUTE FUNCTION notify_catalog();
        CREATE TRIGGER products_inserted AFTER INSERT ON products REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_products();
        CREATE TRIGGER products_updated AFTER UPDATE ON products REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_products();
        CREATE TRIGGER products_deleted AFTER DELETE ON products REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_products();
        CREATE TRIGGER variants_inserted AFTER INSERT ON variants REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_products();
        CREATE TRIGGER variants_updated AFTER UPDATE ON variants REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_products();
        CREATE TRIGGER variants_deleted AFTER DELETE ON variants REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_products();
        CREATE TRIGGER pictures_inserted AFTER INSERT ON product_pictures REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_products();
        CREATE TRIGGER pictures_updated AFTER UPDATE ON product_pictures REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_products();
        CREATE TRIGGER pictures_deleted AFTER DELETE ON product_pictures REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_products();
        CREATE TRIGGER stock_updated AFTER UPDATE ON stock_items REFERENCING OLD TABLE AS was NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION notify_stock();
        """;

    /// <summary>
    /// What every batch of orders sets off looks at no variant while no step changes, and then at one after the other by its key:
    /// joined, a plan made while the shop was small read the whole catalogue each time. It tells the same, so going back leaves it.
    /// </summary>
    public const string ByKeySql = """
        CREATE OR REPLACE FUNCTION notify_variants(kind text, ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            IF cardinality(ids) = 0 THEN RETURN; END IF;
            PERFORM notify_ids(kind, ARRAY(
                SELECT DISTINCT v.product_id FROM unnest(ids) AS changed(id)
                CROSS JOIN LATERAL (SELECT product_id FROM variants WHERE variants.id = changed.id LIMIT 1) v ORDER BY v.product_id LIMIT 101));
        END $$;

        CREATE OR REPLACE FUNCTION notify_stock() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM notify_variants('stock', ARRAY(
                SELECT was.variant_id FROM was JOIN now_is USING (variant_id)
                WHERE least(was.on_hand - was.reserved, 6) <> least(now_is.on_hand - now_is.reserved, 6)));
            RETURN NULL;
        END $$;

        CREATE OR REPLACE FUNCTION notify_flash_sold() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM notify_variants('products', ARRAY(
                SELECT n.variant_id FROM was JOIN now_is n USING (id)
                WHERE (was.price_amount, was.starts_at, was.ends_at, was.quantity, was.limit_per_customer, was.sold < was.quantity)
                    <> (n.price_amount, n.starts_at, n.ends_at, n.quantity, n.limit_per_customer, n.sold < n.quantity)));
            PERFORM notify_variants('stock', ARRAY(
                SELECT n.variant_id FROM was JOIN now_is n USING (id)
                WHERE flash_step(was.quantity - was.sold) <> flash_step(n.quantity - n.sold)));
            RETURN NULL;
        END $$;
        """;
}
