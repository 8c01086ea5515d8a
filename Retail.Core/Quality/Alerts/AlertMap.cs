using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Quality.Alerts;

internal sealed class AlertMap : IEntityTypeConfiguration<Alert>
{
    internal const int LongestNote = 500;

    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.ToTable("alerts");
        builder.HasKey(a => a.Rule);
        builder.Property(a => a.Rule).HasMaxLength(60);
        builder.Property(a => a.Detail).HasMaxLength(LongestNote);
        builder.Property(a => a.AcknowledgedBy).HasMaxLength(256);
    }
}

internal sealed class AlertEventMap : IEntityTypeConfiguration<AlertEvent>
{
    public void Configure(EntityTypeBuilder<AlertEvent> builder)
    {
        builder.ToTable("alert_events");
        builder.Property(e => e.Id).ValueGeneratedNever();
        builder.Property(e => e.Rule).HasMaxLength(60);
        builder.Property(e => e.By).HasMaxLength(256);
        builder.Property(e => e.Note).HasMaxLength(AlertMap.LongestNote);
        builder.HasIndex(e => new { e.Rule, e.At });
        builder.HasIndex(e => e.At);
    }
}
