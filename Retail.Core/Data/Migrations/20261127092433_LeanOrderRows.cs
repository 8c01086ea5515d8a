using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Retail.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class LeanOrderRows : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_stock_movements_variant_id",
                table: "stock_movements");

            migrationBuilder.DropPrimaryKey(
                name: "pk_stock_movements",
                table: "stock_movements");

            migrationBuilder.DropIndex(
                name: "ix_stock_movements_variant_id_id",
                table: "stock_movements");

            migrationBuilder.DropIndex(
                name: "ix_payments_gateway_id",
                table: "payments");

            migrationBuilder.DropIndex(
                name: "ix_orders_customer_id_placed_at",
                table: "orders");

            migrationBuilder.DropPrimaryKey(
                name: "pk_order_transitions",
                table: "order_transitions");

            migrationBuilder.DropIndex(
                name: "ix_order_transitions_order_id_id",
                table: "order_transitions");

            migrationBuilder.AlterColumn<string>(
                name: "ordering_key",
                table: "outbox",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true,
                collation: "C",
                oldClrType: typeof(string),
                oldType: "character varying(100)",
                oldMaxLength: 100,
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "kind",
                table: "outbox",
                type: "character varying(60)",
                maxLength: 60,
                nullable: false,
                collation: "C",
                oldClrType: typeof(string),
                oldType: "character varying(60)",
                oldMaxLength: 60);

            migrationBuilder.AlterColumn<string>(
                name: "key",
                table: "outbox",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                collation: "C",
                oldClrType: typeof(string),
                oldType: "character varying(100)",
                oldMaxLength: 100);

            migrationBuilder.AlterColumn<string>(
                name: "idempotency_key",
                table: "orders",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                collation: "C",
                oldClrType: typeof(string),
                oldType: "character varying(100)",
                oldMaxLength: 100);

            migrationBuilder.AddPrimaryKey(
                name: "pk_stock_movements",
                table: "stock_movements",
                columns: new[] { "variant_id", "id" });

            migrationBuilder.AddPrimaryKey(
                name: "pk_order_transitions",
                table: "order_transitions",
                columns: new[] { "order_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_orders_customer_id_placed_at",
                table: "orders",
                columns: new[] { "customer_id", "placed_at" },
                filter: "customer_id IS NOT NULL");

            migrationBuilder.AddForeignKey(
                name: "fk_stock_movements_variant_id",
                table: "stock_movements",
                column: "variant_id",
                principalTable: "variants",
                principalColumn: "id",
                onDelete: ReferentialAction.Cascade);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_stock_movements_variant_id",
                table: "stock_movements");

            migrationBuilder.DropPrimaryKey(
                name: "pk_stock_movements",
                table: "stock_movements");

            migrationBuilder.DropIndex(
                name: "ix_orders_customer_id_placed_at",
                table: "orders");

            migrationBuilder.DropPrimaryKey(
                name: "pk_order_transitions",
                table: "order_transitions");

            migrationBuilder.AlterColumn<string>(
                name: "ordering_key",
                table: "outbox",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true,
                oldClrType: typeof(string),
                oldType: "character varying(100)",
                oldMaxLength: 100,
                oldNullable: true,
                oldCollation: "C");

            migrationBuilder.AlterColumn<string>(
                name: "kind",
                table: "outbox",
                type: "character varying(60)",
                maxLength: 60,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(60)",
                oldMaxLength: 60,
                oldCollation: "C");

            migrationBuilder.AlterColumn<string>(
                name: "key",
                table: "outbox",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(100)",
                oldMaxLength: 100,
                oldCollation: "C");

            migrationBuilder.AlterColumn<string>(
                name: "idempotency_key",
                table: "orders",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(100)",
                oldMaxLength: 100,
                oldCollation: "C");

            migrationBuilder.AddPrimaryKey(
                name: "pk_stock_movements",
                table: "stock_movements",
                column: "id");

            migrationBuilder.AddPrimaryKey(
                name: "pk_order_transitions",
                table: "order_transitions",
                column: "id");

            migrationBuilder.CreateIndex(
                name: "ix_stock_movements_variant_id_id",
                table: "stock_movements",
                columns: new[] { "variant_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_payments_gateway_id",
                table: "payments",
                column: "gateway_id");

            migrationBuilder.CreateIndex(
                name: "ix_orders_customer_id_placed_at",
                table: "orders",
                columns: new[] { "customer_id", "placed_at" });

            migrationBuilder.CreateIndex(
                name: "ix_order_transitions_order_id_id",
                table: "order_transitions",
                columns: new[] { "order_id", "id" });

            migrationBuilder.AddForeignKey(
                name: "fk_stock_movements_variant_id",
                table: "stock_movements",
                column: "variant_id",
                principalTable: "stock_items",
                principalColumn: "variant_id",
                onDelete: ReferentialAction.Cascade);
        }
    }
}
