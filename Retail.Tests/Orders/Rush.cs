using Retail.Core.Common;
using Retail.Core.Orders;
using Retail.Tests.Support;

namespace Retail.Tests.Orders;

/// <summary>The crowds of the proofs, so that what is shown to hold and what is shown to break is the same.</summary>
internal static class Rush
{
    /// <summary>So many buyers of one unit each, in turn at each node, all at once.</summary>
    public static Task<ServiceResult<AcceptedOrder>[]> BuyAsync(IReadOnlyList<CoreHost> nodes, Guid variant, int buyers, string name = "buyer") =>
        Task.WhenAll(Enumerable.Range(0, buyers).Select(i => nodes[i % nodes.Count].Intake.PlaceAsync(AdmissionTests.Order($"{name}-{i}", (variant, 1)), CancellationToken.None)));

    /// <summary>Each key at all nodes at once, with other goods at each.</summary>
    public static async Task<List<ServiceResult<AcceptedOrder>[]>> ReuseKeysAsync(IReadOnlyList<CoreHost> nodes, IReadOnlyList<Guid> variants, int keys)
    {
        var answers = new List<ServiceResult<AcceptedOrder>[]>();
        for (var key = 0; key < keys; key++)
        {
            var name = $"key-{key}";
            answers.Add(await Task.WhenAll(nodes.Select((node, i) => node.Intake.PlaceAsync(AdmissionTests.Order(name, (variants[i], 1)), CancellationToken.None))));
        }
        return answers;
    }
}
