using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Retail.Core.Accounts;

internal sealed class CustomerMap : IEntityTypeConfiguration<Customer>
{
    public void Configure(EntityTypeBuilder<Customer> builder)
    {
        builder.ToTable("customers");
        builder.Property(c => c.DisplayName).HasMaxLength(100);
        builder.HasIndex(c => c.CreatedAt);
    }

    /// <summary>Identity's own tables under names that read like the rest.</summary>
    public static void NameIdentityTables(ModelBuilder model)
    {
        model.Entity<IdentityRole<Guid>>().ToTable("roles");
        model.Entity<IdentityUserRole<Guid>>().ToTable("customer_roles");
        model.Entity<IdentityUserClaim<Guid>>().ToTable("customer_claims");
        model.Entity<IdentityUserLogin<Guid>>().ToTable("customer_logins");
        model.Entity<IdentityUserToken<Guid>>().ToTable("customer_tokens");
        model.Entity<IdentityRoleClaim<Guid>>().ToTable("role_claims");
    }
}
