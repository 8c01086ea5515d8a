using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Retail.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class MetricRollups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "drill_id",
                table: "orders",
                type: "uuid",
                nullable: true);

            migrationBuilder.Sql(Retail.Core.Metrics.Rollups.RollupTable.Sql);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(Retail.Core.Metrics.Rollups.RollupTable.DropSql);

            migrationBuilder.DropColumn(
                name: "drill_id",
                table: "orders");
        }
    }
}
