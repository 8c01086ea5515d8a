using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Retail.Core.Metrics;

namespace Retail.Core.Quality.Drills;

/// <summary>What a node says of itself to a drill.</summary>
/// <param name="Node">Machine and process id.</param>
/// <param name="Release">Its release.</param>
/// <param name="Production">It runs in production.</param>
/// <param name="Allowed">Drills may run there.</param>
/// <param name="Simulator">Its gateway is the simulator; null when it is not.</param>
/// <param name="Circuit">The payment circuit: CLOSED, OPEN or HALF_OPEN.</param>
public sealed record DrillNode(string Node, string Release, bool Production, bool Allowed, Uri? Simulator, string Circuit)
{
    /// <summary>The feature flags that are on there.</summary>
    public IReadOnlyList<string> FlagsOn { get; init; } = [];
}

/// <summary>A way into the store, as its routing knows it.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">The route's template, such as /orders/{id}.</param>
/// <param name="Needs">Who may enter: anybody, customer or staff.</param>
public sealed record DrillRoute(string Method, string Path, DrillRouteNeeds Needs);

/// <summary>Who may enter.</summary>
public enum DrillRouteNeeds
{
    /// <summary>Anybody.</summary>
    Anybody,

    /// <summary>Whoever has signed in.</summary>
    Customer,

    /// <summary>Admins.</summary>
    Staff,
}

/// <summary>The running store over HTTP, as a drill's made-up shoppers meet it: its nodes by turns.</summary>
public sealed class DrillStore : IDisposable
{
    /// <summary>The header with the name of a made-up buyer, whose attempts are counted apart; only read beside a good pass.</summary>
    public const string BuyerHeader = "X-Retail-Drill-Buyer";

    /// <summary>Where a node tells a drill about itself.</summary>
    public const string AboutPath = "/api/drills/store";

    /// <summary>Where a node lists its ways in.</summary>
    public const string RoutesPath = "/api/drills/routes";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowReadingFromString, Converters = { new JsonStringEnumConverter() } };

    private readonly string _pass;
    private readonly HttpClient _http;
    private int _turn;

    /// <param name="nodes">Addresses; at least one.</param>
    /// <param name="drillId">On whose behalf.</param>
    /// <param name="pass">The proof of it.</param>
    public DrillStore(IReadOnlyList<Uri> nodes, Guid drillId, string pass)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfZero(nodes.Count);
        (Nodes, DrillId, _pass) = (nodes, drillId, pass);
        // Every shopper is someone else: no connection, cookie or redirect is shared by habit.
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10) })
        {
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<Uri> Nodes { get; }

    /// <summary>The drill.</summary>
    public Guid DrillId { get; }

    /// <summary>The next node in turn.</summary>
    public Uri NextNode() => Nodes[(int)((uint)Interlocked.Increment(ref _turn) % (uint)Nodes.Count)];

    /// <summary>Sends a request as it is, without proof: what anybody could send.</summary>
    public Task<HttpResponseMessage> SendAsStrangerAsync(HttpRequestMessage request, CancellationToken ct) => _http.SendAsync(request, ct);

    /// <summary>Sends a request that proves that it belongs to the drill.</summary>
    /// <param name="request">With a full address.</param>
    /// <param name="buyer">The made-up buyer whose attempts are counted apart; null: counted as everybody's are.</param>
    /// <param name="ct">Prevents a request that was not sent; one that was is waited for, because the store acts on it all the same.</param>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string? buyer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ct.ThrowIfCancellationRequested();
        request.Headers.Add(DrillPass.Header, _pass);
        if (buyer is not null) request.Headers.Add(BuyerHeader, buyer);
        return _http.SendAsync(request, CancellationToken.None);
    }

    /// <summary>What a node says of itself.</summary>
    /// <exception cref="DrillBrokenException">Nobody is there, or it is not this store.</exception>
    public Task<DrillNode> AboutAsync(Uri node, CancellationToken ct) => AskAsync<DrillNode>(node, AboutPath, ct);

    /// <summary>All ways into a node, found by its own routing.</summary>
    /// <exception cref="DrillBrokenException">Nobody is there, or it is not this store.</exception>
    public Task<List<DrillRoute>> RoutesAsync(Uri node, CancellationToken ct) => AskAsync<List<DrillRoute>>(node, RoutesPath, ct);

    private async Task<T> AskAsync<T>(Uri node, string path, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node, path));
            using var answer = await SendAsync(request, null, ct);
            if (answer.IsSuccessStatusCode && await answer.Content.ReadFromJsonAsync<T>(Json, ct) is { } about) return about;
            throw new DrillBrokenException($"What answers at {node} ({(int)answer.StatusCode}) is not a node of this store, or works on another database. Name the right address with --url.");
        }
        catch (HttpRequestException)
        {
            throw new DrillBrokenException($"No store answers at {node}. Start it, or name its address with --url.");
        }
        catch (JsonException)
        {
            throw new DrillBrokenException($"What answers at {node} is not a node of this store. Name the right address with --url.");
        }
    }

    /// <summary>A new shopper, who has nothing yet.</summary>
    /// <param name="name">Lower-case letters, digits and dashes; the address is made of it.</param>
    /// <param name="node">Where the shopper stays; null: at each request the next node.</param>
    public DrillShopper Shopper(string name, Uri? node = null) => new(this, name, node);

    /// <summary>The address of a made-up person; nothing is mailed there.</summary>
    public string MailOf(string name) => $"{name}@{DrillId:N}.{DrillScope.MailDomain}";

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
