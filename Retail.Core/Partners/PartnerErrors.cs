using Retail.Core.Common;

namespace Retail.Core.Partners;

/// <summary>Why partners and their feeds are refused.</summary>
public static class PartnerErrors
{
    /// <summary>There is no such partner.</summary>
    public static readonly ServiceError Unknown = new(Refusal.NotFound, "unknown_partner", "This partner is no longer there. Go back to the list.");

    /// <summary>The partner's feeds are not taken now.</summary>
    public static readonly ServiceError NotActive = new(Refusal.Forbidden, "partner_not_active", "Feeds of this partner are not taken at the moment. Ask the shop.");

    /// <summary>Somebody else saved first.</summary>
    public static readonly ServiceError ChangedMeanwhile = new(Refusal.Conflict, "changed_meanwhile",
        "Somebody else changed this partner while you were editing it. Open it again in another tab, compare, and save once more.");
}
