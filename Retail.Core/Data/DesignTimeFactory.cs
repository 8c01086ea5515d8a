using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Retail.Core.Data;

/// <summary>For dotnet-ef alone, which needs a model and no server.</summary>
internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<RetailDbContext>
{
    public RetailDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<RetailDbContext>().UseNpgsql("Host=localhost;Database=design").Options);
}
