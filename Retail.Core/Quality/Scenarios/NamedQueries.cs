using Retail.Core.Quality.Scenarios.Queries;

namespace Retail.Core.Quality.Scenarios;

/// <summary>All named queries. A new one is a line here and a line in QS-Catalog.md, which a test compares.</summary>
public sealed class NamedQueries
{
    /// <summary>The store's own queries.</summary>
    public NamedQueries() : this(
        StockQueries.OversoldUnits, StockQueries.StockDifferences,
        PaymentQueries.SuccessRate, PaymentQueries.ChargedTwice, PaymentQueries.PaidWithoutPayment,
        OrderQuestions.SharingAKey, OrderQuestions.TotalDifferences, OrderQuestions.OrphanRows,
        RecordingQueries.Secrets, CodeQueries.FormatReferences, CodeQueries.UnhelpfulMessages)
    {
    }

    /// <summary>Others, for tests.</summary>
    internal NamedQueries(params IReadOnlyList<NamedQuery> queries) => All = queries;

    /// <summary>In the order in which they are explained.</summary>
    public IReadOnlyList<NamedQuery> All { get; }

    /// <summary>The query of a name.</summary>
    public NamedQuery this[string name] => All.First(q => q.Name == name);
}
