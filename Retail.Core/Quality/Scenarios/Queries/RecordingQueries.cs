namespace Retail.Core.Quality.Scenarios.Queries;

/// <summary>Whether recordings of requests, which are kept to be sent again, hold what nobody may keep.</summary>
internal static class RecordingQueries
{
    // A number of 15 or 16 digits is a card's: goods have at most 14.
    private const string Unmasked = """
        WITH recorded AS (
            SELECT id, route, target, recorded_at,
                target ~* '[?&][a-z_.-]*(password|passwd|secret|token|signature|api_?key|cvc|authorization)[a-z_.-]*=(?!([*]|%2a|&|$))'
                OR target ~ '(^|[^0-9])[0-9]{15,16}([^0-9]|$)' OR target ~ 'eyJ[A-Za-z0-9_-]{10,}' AS is_secret
            FROM recorded_requests WHERE recorded_at > $1 AND recorded_at <= $2)
        SELECT count(*) FILTER (WHERE is_secret)::float8, count(*), max(recorded_at),
            (SELECT jsonb_agg(to_jsonb(r)) FROM (SELECT id, route, recorded_at FROM recorded WHERE is_secret ORDER BY recorded_at DESC LIMIT 20) r)::text
        FROM recorded
        """;

    public static readonly NamedQuery Secrets = NamedQuery.OfSql("recorded_secrets", "",
        "Recorded requests whose address holds a password, a token, a signature or a card's number that is not masked", "recorded requests", Unmasked);
}
