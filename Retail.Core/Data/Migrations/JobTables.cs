namespace Retail.Core.Data.Migrations;

/// <summary>
/// What wakes the worker: a notice when something due was promised, with the kinds, and one when a job was asked for. Once a
/// statement, never once a row. And room on the outbox's pages, so that a lease changes no index.
/// </summary>
internal static class JobTables
{
    public const string Sql = """
        ALTER TABLE outbox SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);

        CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE kinds text;
        BEGIN
            SELECT string_agg(DISTINCT kind, ',') INTO kinds FROM changed WHERE status = 'Waiting' AND due_at <= clock_timestamp() + interval '1 second';
            IF kinds IS NOT NULL THEN PERFORM pg_notify('outbox', kinds); END IF;
            RETURN NULL;
        END $$;

        CREATE TRIGGER outbox_inserted AFTER INSERT ON outbox REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox();

        CREATE FUNCTION jobs.notify_asked() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('jobs', '');
            RETURN NULL;
        END $$;

        CREATE TRIGGER qrtz_triggers_inserted AFTER INSERT ON jobs.qrtz_triggers FOR EACH STATEMENT EXECUTE FUNCTION jobs.notify_asked();
        """;

    public const string DropSql = """
        DROP TRIGGER outbox_inserted ON outbox;
        DROP FUNCTION notify_outbox();
        ALTER TABLE outbox RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
        DROP SCHEMA jobs CASCADE;
        """;
}
