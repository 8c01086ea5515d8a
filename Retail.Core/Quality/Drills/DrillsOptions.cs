using System.ComponentModel.DataAnnotations;

namespace Retail.Core.Quality.Drills;

/// <summary>Settings "Drills".</summary>
public sealed class DrillsOptions
{
    /// <summary>In production no drill runs unless this says so.</summary>
    public bool AllowInProduction { get; init; }

    /// <summary>User names of the admins who may run drills; empty: every admin.</summary>
    public IReadOnlyList<string> Staff { get; init; } = [];

    /// <summary>Addresses of all the store's nodes, for drills that want several; empty: the one node that is asked.</summary>
    public IReadOnlyList<Uri> Nodes { get; init; } = [];

    /// <summary>The gateway's token of a card that pays: with another gateway than the simulator, a test card of it.</summary>
    [Required, RegularExpression("^pm_[A-Za-z0-9_]{1,90}$")] public string PaymentMethod { get; init; } = "pm_card_visa";
}
