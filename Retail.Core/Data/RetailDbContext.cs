using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Retail.Core.Accounts;
using Retail.Core.Carts;
using Retail.Core.Catalog;
using Retail.Core.Common;
using Retail.Core.Data.Outbox;
using Retail.Core.Flags;
using Retail.Core.Inventory;
using Retail.Core.Jobs.Runs;
using Retail.Core.Notifications;
using Retail.Core.Orders;
using Retail.Core.Partners;
using Retail.Core.Partners.Runs;
using Retail.Core.Payments;
using Retail.Core.Quality.Alerts;
using Retail.Core.Quality.Drills;
using Retail.Core.Quality.Reconciliation;
using Retail.Core.Quality.Replay;
using Retail.Core.Quality.Scenarios;

namespace Retail.Core.Data;

/// <summary>The store's tables. Each capability maps its own in its folder (*Map.cs); this class only lists them.</summary>
public sealed class RetailDbContext(DbContextOptions<RetailDbContext> options)
    : IdentityDbContext<Customer, IdentityRole<Guid>, Guid>(options)
{
    /// <summary>Shelves.</summary>
    public DbSet<Category> Categories => Set<Category>();

    /// <summary>What shoppers look at.</summary>
    public DbSet<Product> Products => Set<Product>();

    /// <summary>What is sold.</summary>
    public DbSet<Variant> Variants => Set<Variant>();

    /// <summary>Galleries.</summary>
    public DbSet<ProductPicture> ProductPictures => Set<ProductPicture>();

    /// <summary>Bytes of pictures.</summary>
    public DbSet<PictureContent> PictureContents => Set<PictureContent>();

    /// <summary>Units.</summary>
    public DbSet<StockItem> StockItems => Set<StockItem>();

    /// <summary>Of which variants the shop was told.</summary>
    public DbSet<LowStockItem> LowStockItems => Set<LowStockItem>();

    /// <summary>The stock ledger.</summary>
    public DbSet<StockMovement> StockMovements => Set<StockMovement>();

    /// <summary>Lower prices for a while.</summary>
    public DbSet<FlashSale> FlashSales => Set<FlashSale>();

    /// <summary>Carts.</summary>
    public DbSet<Cart> Carts => Set<Cart>();

    /// <summary>Lines of carts.</summary>
    public DbSet<CartLine> CartLines => Set<CartLine>();

    /// <summary>Orders.</summary>
    public DbSet<Order> Orders => Set<Order>();

    /// <summary>Lines of orders.</summary>
    public DbSet<OrderLine> OrderLines => Set<OrderLine>();

    /// <summary>Attempts to charge.</summary>
    public DbSet<Payment> Payments => Set<Payment>();

    /// <summary>News from the gateway.</summary>
    public DbSet<PaymentEvent> PaymentEvents => Set<PaymentEvent>();

    /// <summary>Money that went back.</summary>
    public DbSet<Refund> Refunds => Set<Refund>();

    /// <summary>Promises to keep.</summary>
    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();

    /// <summary>Runs of jobs.</summary>
    public DbSet<JobRun> JobRuns => Set<JobRun>();

    /// <summary>Recurring jobs that are stopped for now.</summary>
    public DbSet<PausedJob> PausedJobs => Set<PausedJob>();

    /// <summary>Workers that live.</summary>
    public DbSet<WorkerNode> Workers => Set<WorkerNode>();

    /// <summary>Messages to people.</summary>
    public DbSet<Notification> Notifications => Set<Notification>();

    /// <summary>Tries to send them.</summary>
    public DbSet<NotificationTry> NotificationTries => Set<NotificationTry>();

    /// <summary>Switches that somebody set.</summary>
    public DbSet<FeatureFlagRow> FeatureFlags => Set<FeatureFlagRow>();

    /// <summary>Who switched what.</summary>
    public DbSet<FeatureFlagChange> FeatureFlagChanges => Set<FeatureFlagChange>();

    /// <summary>Comparisons of the books.</summary>
    public DbSet<ReconciliationRun> ReconciliationRuns => Set<ReconciliationRun>();
    /// <summary>Whose goods the shop sells.</summary>
    public DbSet<Partner> Partners => Set<Partner>();

    /// <summary>Keys of partners' programs.</summary>
    public DbSet<PartnerKey> PartnerKeys => Set<PartnerKey>();

    /// <summary>What partners' categories mean.</summary>
    public DbSet<PartnerCategory> PartnerCategories => Set<PartnerCategory>();

    /// <summary>Which variants are whose rows.</summary>
    public DbSet<PartnerItem> PartnerItems => Set<PartnerItem>();

    /// <summary>Feeds on their way into the shop.</summary>
    public DbSet<FeedRun> FeedRuns => Set<FeedRun>();

    /// <summary>What is to be said about their rows.</summary>
    public DbSet<FeedIssue> FeedIssues => Set<FeedIssue>();

    /// <summary>Drills that were run.</summary>
    public DbSet<DrillRun> Drills => Set<DrillRun>();

    /// <summary>Where each alert rule stands.</summary>
    public DbSet<Alert> Alerts => Set<Alert>();

    /// <summary>What happened to alerts.</summary>
    public DbSet<AlertEvent> AlertEvents => Set<AlertEvent>();

    /// <summary>Requests to send again.</summary>
    public DbSet<RecordedRequest> RecordedRequests => Set<RecordedRequest>();

    /// <summary>Keys of cookies and tokens.</summary>
    public DbSet<ProtectionKey> ProtectionKeys => Set<ProtectionKey>();

    /// <summary>Which promises held, and on what evidence.</summary>
    public DbSet<VerdictRow> Verdicts => Set<VerdictRow>();

    /// <summary>Saves only if the row is still the one that the form showed; otherwise saving throws <see cref="DbUpdateConcurrencyException"/>.</summary>
    /// <param name="entity">A tracked entity with a row version.</param>
    /// <param name="version">The version that the form carried.</param>
    public void ExpectVersion(object entity, uint version) => Entry(entity).Property("Version").OriginalValue = version;

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.ComplexProperties<Money>();
        configurationBuilder.Properties<decimal>().HavePrecision(12, 2);
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(30);
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasPostgresExtension("pg_trgm");
        builder.HasPostgresExtension("btree_gist");   // windows of flash sales that may not overlap
        builder.HasSequence<long>("order_numbers").StartsAt(100_001);
        builder.ApplyConfigurationsFromAssembly(typeof(RetailDbContext).Assembly);
        CustomerMap.NameIdentityTables(builder);
        SnakeCase.Apply(builder);
    }
}
