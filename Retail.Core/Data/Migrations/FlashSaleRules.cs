namespace Retail.Core.Data.Migrations;

/// <summary>
/// One sale of a variant at a time, whoever writes; and notices to every node as those of the catalogue. Units that are sold at
/// the flash price notify only when the step that pages show changes; the product is read anew when its price changes with it.
/// </summary>
internal static class FlashSaleRules
{
    public const string Sql = """
        ALTER TABLE flash_sales ADD CONSTRAINT ex_flash_sales_variant_window
            EXCLUDE USING gist (variant_id WITH =, tstzrange(starts_at, ends_at) WITH &&);

        -- As FlashStep.Of: the last ten one by one, then tens, then hundreds.
        CREATE FUNCTION flash_step(units_left int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
            SELECT CASE WHEN units_left <= 10 THEN units_left WHEN units_left <= 100 THEN units_left / 10 * 10 ELSE units_left / 100 * 100 END
        $$;

        CREATE FUNCTION notify_flash_sales() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM notify_ids('products', ARRAY(
                SELECT DISTINCT v.product_id FROM changed c JOIN variants v ON v.id = c.variant_id ORDER BY v.product_id LIMIT 101));
            RETURN NULL;
        END $$;

        CREATE FUNCTION notify_flash_sold() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM notify_ids('products', ARRAY(
                SELECT DISTINCT v.product_id FROM was JOIN now_is n USING (id) JOIN variants v ON v.id = n.variant_id
                WHERE (was.price_amount, was.starts_at, was.ends_at, was.quantity, was.limit_per_customer, was.sold < was.quantity)
                    <> (n.price_amount, n.starts_at, n.ends_at, n.quantity, n.limit_per_customer, n.sold < n.quantity)
                ORDER BY v.product_id LIMIT 101));
            PERFORM notify_ids('stock', ARRAY(
                SELECT DISTINCT v.product_id FROM was JOIN now_is n USING (id) JOIN variants v ON v.id = n.variant_id
                WHERE flash_step(was.quantity - was.sold) <> flash_step(n.quantity - n.sold) ORDER BY v.product_id LIMIT 101));
            RETURN NULL;
        END $$;

        CREATE TRIGGER flash_sales_inserted AFTER INSERT ON flash_sales REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_flash_sales();
        CREATE TRIGGER flash_sales_deleted AFTER DELETE ON flash_sales REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_flash_sales();
        CREATE TRIGGER flash_sales_updated AFTER UPDATE ON flash_sales REFERENCING OLD TABLE AS was NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION notify_flash_sold();
        """;

    /// <summary>What is left of it when the table is gone.</summary>
    public const string DropSql = "DROP FUNCTION notify_flash_sales(), notify_flash_sold(), flash_step(int);";
}
