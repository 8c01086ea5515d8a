using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Retail.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class MetricsByTime : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The newest rows of any type, whatever the day holds. Writers of metrics wait while it is made.
            migrationBuilder.Sql("CREATE INDEX ix_metric_timestamp_id ON metric (timestamp, id)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP INDEX ix_metric_timestamp_id");
        }
    }
}
