using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Configuration;

namespace Retail.Core.Common.Settings;

/// <summary>Plain variables, without a section.</summary>
public sealed class RuntimeOptions : IValidatableObject
{
    /// <summary>The secret of a store that was given none. Everybody knows it: production refuses it.</summary>
    public const string DefaultSecretKey = "retail-development-key-known-to-everybody";

    /// <summary>What .env.example says in its place.</summary>
    public const string PlaceholderSecretKey = "change-me-to-a-long-random-text-of-your-own";

    /// <summary>The PostgreSQL server, as postgresql://user:password@host:5432/database. Without it the web process starts a private PostgreSQL of its own and runs the worker too.</summary>
    [ConfigurationKeyName("DATABASE_URL")]
    [NeededInProduction("Set DATABASE_URL to the store's PostgreSQL: postgresql://user:password@host:5432/database.")]
    public string DatabaseUrl { get; set; } = "";

    /// <summary>Seconds that a start waits for a database that does not answer yet; then it gives up with exit code 1.</summary>
    [ConfigurationKeyName("DATABASE_WAIT"), Range(0, 3600, ErrorMessage = "DATABASE_WAIT is from 0 to 3600 seconds.")]
    public int DatabaseWait { get; set; } = 30;

    /// <summary>Encrypts the keys of cookies and tokens in the database. At least 32 characters in production; the same on all nodes.</summary>
    [ConfigurationKeyName("SECRET_KEY")]
    [NeededInProduction("Set SECRET_KEY to a random text of your own of at least 32 characters: openssl rand -base64 48.",
        Refused = [DefaultSecretKey, PlaceholderSecretKey], LeastLength = 32, StopsStart = true)]
    public string SecretKey { get; set; } = DefaultSecretKey;

    /// <summary>A former or a coming SECRET_KEY, only read with: for changing it without signing anybody out.</summary>
    [ConfigurationKeyName("SECRET_KEY_PREVIOUS")]
    public string SecretKeyPrevious { get; set; } = "";

    /// <summary>Log lines of level DEBUG too, and what failed on the error page. Never in production.</summary>
    [ConfigurationKeyName("DEBUG"), Switch(ErrorMessage = "DEBUG is true or false.")]
    [NeededInProduction("Set DEBUG to false: it shows visitors the inside of the store.", Refused = ["true", "on", "yes", "1"], MayBeMissing = true, StopsStart = true)]
    public string Debug { get; set; } = "false";

    /// <summary>Shoppers get a polite page with status 503 and everything else goes on: admin area, health, payment notices, worker.</summary>
    [ConfigurationKeyName("MAINTENANCE_MODE"), Switch(ErrorMessage = "MAINTENANCE_MODE is true or false.")]
    public string MaintenanceMode { get; set; } = "false";

    /// <summary>Folder of the private database and of mail without a provider.</summary>
    [ConfigurationKeyName("RETAIL_DATA")]
    public string DataFolder { get; set; } = ".data";

    /// <summary>Where the worker says how it is: /health and /health/readiness.</summary>
    [ConfigurationKeyName("Worker:HealthUrl"), Required]
    public string WorkerHealthUrl { get; set; } = "http://localhost:8081";

    /// <summary>On, product pages and lists come from memory; off, straight from the database. Decides as long as nobody has switched the flag in the admin area.</summary>
    [ConfigurationKeyName("FEATURE_FLAG_USE_SERVICE_LAYER_PRODUCTS"), Switch(ErrorMessage = "FEATURE_FLAG_USE_SERVICE_LAYER_PRODUCTS is true or false.")]
    public string UseServiceLayerProducts { get; set; } = "true";

    /// <summary>On, carts are priced from memory; off, straight from the database. Decides as long as nobody has switched the flag in the admin area.</summary>
    [ConfigurationKeyName("FEATURE_FLAG_USE_SERVICE_LAYER_CART"), Switch(ErrorMessage = "FEATURE_FLAG_USE_SERVICE_LAYER_CART is true or false.")]
    public string UseServiceLayerCart { get; set; } = "true";

    /// <summary>On, orders that come together share a commit; off, each has its own. Decides as long as nobody has switched the flag in the admin area.</summary>
    [ConfigurationKeyName("FEATURE_FLAG_USE_SERVICE_LAYER_ORDERS"), Switch(ErrorMessage = "FEATURE_FLAG_USE_SERVICE_LAYER_ORDERS is true or false.")]
    public string UseServiceLayerOrders { get; set; } = "true";

    /// <summary>Addresses (10.0.0.5) or networks (10.0.0.0/8) of proxies in front, whose word about the visitor's address is believed. This machine always is.</summary>
    public IReadOnlyList<string> KnownProxies { get; set; } = [];

    /// <summary>DEBUG is on.</summary>
    public bool IsDebug => SwitchAttribute.IsOn(Debug);

    /// <summary>MAINTENANCE_MODE is on.</summary>
    public bool IsMaintenance => SwitchAttribute.IsOn(MaintenanceMode);

    /// <summary>How long a start waits for the database; asked before there is a host.</summary>
    public static TimeSpan WaitOf(IConfiguration settings) => TimeSpan.FromSeconds(Math.Clamp(settings.GetValue("DATABASE_WAIT", new RuntimeOptions().DatabaseWait), 0, 3600));

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => KnownProxies
        .Where(proxy => !IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _))
        .Select(proxy => new ValidationResult($"KnownProxies: '{proxy}' is neither an address such as 10.0.0.5 nor a network such as 10.0.0.0/8."));
}
