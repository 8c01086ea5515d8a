namespace Retail.Core.Orders;

/// <summary>The flash sales of a batch's variants as read inside the lock, and what the batch has taken of them.</summary>
internal sealed class FlashSales
{
    /// <summary>So long after its end a sale is still read, to say why the price is another one.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private readonly Dictionary<Guid, List<Sale>> _byVariant = [];
    private readonly Dictionary<Guid, Sale> _byId = [];

    /// <summary>Whom a sale's limit counts for: the customer, or a guest's email.</summary>
    public static string BuyerOf(OrderRequest request) => request.CustomerId is { } customer ? customer.ToString("N") : request.Email.Trim().ToLowerInvariant();

    public void Add(Sale sale)
    {
        _byId.Add(sale.Id, sale);
        if (!_byVariant.TryGetValue(sale.VariantId, out var sales)) _byVariant.Add(sale.VariantId, sales = []);
        sales.Add(sale);
    }

    /// <summary>What a buyer's earlier orders took. A sale that was made after the lock is not known and does not count yet.</summary>
    public void Remember(Guid saleId, string buyer, int units)
    {
        if (_byId.TryGetValue(saleId, out var sale)) sale.BoughtBefore(buyer, units);
    }

    public Sale? Running(Guid variantId, DateTimeOffset now) => _byVariant.GetValueOrDefault(variantId)?.Find(s => s.StartsAt <= now && now < s.EndsAt);

    public bool HadPrice(Guid variantId, decimal price) => _byVariant.GetValueOrDefault(variantId)?.Exists(s => s.Price == price) == true;

    internal sealed record Sale(Guid Id, Guid VariantId, decimal Price, DateTimeOffset StartsAt, DateTimeOffset EndsAt, int LeftAtLock, int Limit)
    {
        private readonly Dictionary<string, int> _had = [];

        public int Taken { get; private set; }

        public int Left => LeftAtLock - Taken;

        public int Had(string buyer) => _had.GetValueOrDefault(buyer);

        public void BoughtBefore(string buyer, int units) => _had[buyer] = Had(buyer) + units;

        public void Take(string buyer, int units)
        {
            Taken += units;
            BoughtBefore(buyer, units);
        }
    }
}
