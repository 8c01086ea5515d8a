using Retail.Core.Common;
using Retail.Core.Metrics;

namespace Retail.Core.Carts;

/// <summary>What a shopper is about to buy.</summary>
public sealed class Cart
{
    /// <summary>The most units of one variant in a cart.</summary>
    public const int MaxQuantityPerLine = 20;

    /// <summary>The most lines in a cart.</summary>
    public const int MaxLines = 50;

    /// <summary>How long a cart is kept after its last change.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    private readonly List<CartLine> _lines = [];

    private Cart() { }

    /// <summary>Key; unguessable, because the cookie that holds it is all that a guest has.</summary>
    public Guid Id { get; private init; }

    /// <summary>Whose it is; null for a guest. A customer has one cart.</summary>
    public Guid? CustomerId { get; private set; }

    /// <summary>The key under which this cart's next order is placed: a double click, a second tab or a retry makes one order.</summary>
    public Guid CheckoutKey { get; private set; }

    /// <summary>The drill whose made-up shopper fills it; null for people's.</summary>
    public Guid? DrillId { get; private init; }

    /// <summary>Last change, UTC.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Row version.</summary>
    public uint Version { get; private init; }

    /// <summary>What is in it, oldest first.</summary>
    public IReadOnlyList<CartLine> Lines => _lines;

    /// <summary>Units in all lines.</summary>
    public int Units => _lines.Sum(l => l.Quantity);

    /// <summary>A cart with nothing in it.</summary>
    public static Cart Empty(Guid id, Guid? customerId, Guid checkoutKey, DateTimeOffset now) =>
        new() { Id = id, CustomerId = customerId, CheckoutKey = checkoutKey, DrillId = DrillScope.Current, UpdatedAt = now };

    /// <summary>How many more units of a variant the cart takes.</summary>
    public int RoomFor(Guid variantId) => Find(variantId) is { } line ? MaxQuantityPerLine - line.Quantity
        : _lines.Count < MaxLines ? MaxQuantityPerLine : 0;

    /// <summary>Adds units, remembering the price that the shopper saw. More than there is room for throws: that would be a bug.</summary>
    public void Add(Guid variantId, int quantity, Money priceSeen, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(quantity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quantity, RoomFor(variantId));
        if (Find(variantId) is { } line) line.Set(line.Quantity + quantity, priceSeen);
        else _lines.Add(new CartLine(Id, variantId, quantity, priceSeen, now));
        UpdatedAt = now;
    }

    /// <summary>Sets the units of a line; 0 takes it out. A variant that is not in the cart changes nothing.</summary>
    public void SetQuantity(Guid variantId, int quantity, Money priceSeen, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quantity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quantity, MaxQuantityPerLine);
        if (Find(variantId) is not { } line) return;
        if (quantity == 0) _lines.Remove(line);
        else line.Set(quantity, priceSeen);
        UpdatedAt = now;
    }

    /// <summary>Takes the lines of a guest's cart over at sign-in, as far as there is room.</summary>
    public void Merge(Cart guest, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(guest);
        foreach (var line in guest.Lines)
        {
            var quantity = Math.Min(line.Quantity, RoomFor(line.VariantId));
            if (quantity > 0) Add(line.VariantId, quantity, line.PriceSeen, now);
        }
    }

    /// <summary>Makes a guest's cart a customer's.</summary>
    public void BelongTo(Guid customerId, DateTimeOffset now) => (CustomerId, UpdatedAt) = (customerId, now);

    /// <summary>The last order came to nothing (its payment was declined): the next try is a new order.</summary>
    public void RenewCheckoutKey(Guid key) => CheckoutKey = key;

    private CartLine? Find(Guid variantId) => _lines.Find(l => l.VariantId == variantId);
}

/// <summary>Some units of one variant in a cart.</summary>
public sealed class CartLine
{
    private CartLine() { }

    internal CartLine(Guid cartId, Guid variantId, int quantity, Money priceSeen, DateTimeOffset now) =>
        (CartId, VariantId, Quantity, PriceSeen, AddedAt) = (cartId, variantId, quantity, priceSeen, now);

    /// <summary>The cart.</summary>
    public Guid CartId { get; private init; }

    /// <summary>The variant.</summary>
    public Guid VariantId { get; private init; }

    /// <summary>Units, 1 to <see cref="Cart.MaxQuantityPerLine"/>.</summary>
    public int Quantity { get; private set; }

    /// <summary>The unit price that the shopper last saw; the cart page says so when it differs from today's.</summary>
    public Money PriceSeen { get; private set; }

    /// <summary>When it was put in, UTC.</summary>
    public DateTimeOffset AddedAt { get; private init; }

    internal void Set(int quantity, Money priceSeen) => (Quantity, PriceSeen) = (quantity, priceSeen);
}
