using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Notifications;

internal sealed class NotificationMap : IEntityTypeConfiguration<Notification>
{
    public void Configure(EntityTypeBuilder<Notification> builder)
    {
        builder.ToTable("notifications");
        builder.Property(n => n.Id).ValueGeneratedNever();
        builder.Property(n => n.Key).HasMaxLength(100);
        builder.Property(n => n.Template).HasMaxLength(60);
        builder.Property(n => n.Recipient).HasMaxLength(256);
        builder.Property(n => n.Subject).HasMaxLength(300);
        builder.HasIndex(n => new { n.Key, n.Channel, n.Recipient }).IsUnique();
        builder.HasIndex(n => n.CreatedAt);
        builder.HasMany<NotificationTry>().WithOne().HasForeignKey(t => t.NotificationId);
    }
}

internal sealed class NotificationTryMap : IEntityTypeConfiguration<NotificationTry>
{
    public void Configure(EntityTypeBuilder<NotificationTry> builder)
    {
        builder.ToTable("notification_tries");
        builder.Property(t => t.Provider).HasMaxLength(20);
        builder.Property(t => t.Error).HasMaxLength(NotificationSender.LongestError);
        builder.HasIndex(t => new { t.NotificationId, t.Id });
    }
}
