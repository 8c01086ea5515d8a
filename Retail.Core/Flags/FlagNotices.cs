namespace Retail.Core.Flags;

/// <summary>Triggers of the table feature_flags: the moment of the change, its line in the history, and a notice to every node, whoever writes.</summary>
public static class FlagNotices
{
    /// <summary>The channel of the notices.</summary>
    public const string ChannelName = "retail_flags";

    /// <summary>For the migration that makes the table.</summary>
    public const string Sql = """
        CREATE FUNCTION stamp_feature_flag() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.changed_at := clock_timestamp();
            RETURN NEW;
        END $$;

        CREATE FUNCTION spread_feature_flag() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                INSERT INTO feature_flag_changes (name, is_on, changed_at, changed_by)
                VALUES (OLD.name, NULL, clock_timestamp(), coalesce(nullif(current_setting('retail.actor', true), ''), current_user));
                PERFORM pg_notify('retail_flags', OLD.name);
            ELSE
                INSERT INTO feature_flag_changes (name, is_on, changed_at, changed_by) VALUES (NEW.name, NEW.is_on, NEW.changed_at, NEW.changed_by);
                PERFORM pg_notify('retail_flags', NEW.name);
            END IF;
            RETURN NULL;
        END $$;

        CREATE TRIGGER feature_flags_stamp BEFORE INSERT OR UPDATE ON feature_flags FOR EACH ROW EXECUTE FUNCTION stamp_feature_flag();
        CREATE TRIGGER feature_flags_spread AFTER INSERT OR UPDATE OR DELETE ON feature_flags FOR EACH ROW EXECUTE FUNCTION spread_feature_flag();
        """;

    /// <summary>Takes them back.</summary>
    public const string DropSql = "DROP FUNCTION spread_feature_flag CASCADE; DROP FUNCTION stamp_feature_flag CASCADE;";
}
