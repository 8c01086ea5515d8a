using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Retail.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class IndexesInUse : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(CatalogNotices.ByKeySql);

            migrationBuilder.DropIndex(
                name: "ix_stock_movements_order_id",
                table: "stock_movements");

            migrationBuilder.DropIndex(
                name: "ix_payments_status_started_at",
                table: "payments");

            migrationBuilder.DropIndex(
                name: "ix_outbox_key",
                table: "outbox");

            migrationBuilder.DropIndex(
                name: "ix_orders_email",
                table: "orders");

            migrationBuilder.CreateIndex(
                name: "ix_payments_gateway_id",
                table: "payments",
                column: "gateway_id",
                filter: "gateway_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_payments_started_at",
                table: "payments",
                column: "started_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_payments_gateway_id",
                table: "payments");

            migrationBuilder.DropIndex(
                name: "ix_payments_started_at",
                table: "payments");

            migrationBuilder.CreateIndex(
                name: "ix_stock_movements_order_id",
                table: "stock_movements",
                column: "order_id");

            migrationBuilder.CreateIndex(
                name: "ix_payments_status_started_at",
                table: "payments",
                columns: new[] { "status", "started_at" });

            migrationBuilder.CreateIndex(
                name: "ix_outbox_key",
                table: "outbox",
                columns: new[] { "kind", "key" },
                filter: "status = 'Waiting'");

            migrationBuilder.CreateIndex(
                name: "ix_orders_email",
                table: "orders",
                column: "email");
        }
    }
}
