using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Retail.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class FlashSales : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterDatabase()
                .Annotation("Npgsql:PostgresExtension:btree_gist", ",,")
                .Annotation("Npgsql:PostgresExtension:pg_trgm", ",,")
                .OldAnnotation("Npgsql:PostgresExtension:pg_trgm", ",,");

            migrationBuilder.AddColumn<string>(
                name: "flash_buyer",
                table: "order_lines",
                type: "character varying(256)",
                maxLength: 256,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "flash_sale_id",
                table: "order_lines",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "flash_sales",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    variant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    starts_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ends_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    quantity = table.Column<int>(type: "integer", nullable: false),
                    sold = table.Column<int>(type: "integer", nullable: false),
                    limit_per_customer = table.Column<int>(type: "integer", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    price_amount = table.Column<decimal>(type: "numeric(12,2)", precision: 12, scale: 2, nullable: false),
                    price_currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_flash_sales", x => x.id);
                    table.CheckConstraint("ck_flash_sales_limits", "quantity > 0 AND limit_per_customer > 0 AND price_amount >= 0");
                    table.CheckConstraint("ck_flash_sales_sold", "sold >= 0 AND sold <= quantity");
                    table.CheckConstraint("ck_flash_sales_window", "ends_at >= starts_at");
                    table.ForeignKey(
                        name: "fk_flash_sales_variant_id",
                        column: x => x.variant_id,
                        principalTable: "variants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_order_lines_flash_sale_id_flash_buyer",
                table: "order_lines",
                columns: new[] { "flash_sale_id", "flash_buyer" },
                filter: "flash_sale_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_flash_sales_ends_at",
                table: "flash_sales",
                column: "ends_at");

            migrationBuilder.CreateIndex(
                name: "ix_flash_sales_variant_id_ends_at",
                table: "flash_sales",
                columns: new[] { "variant_id", "ends_at" });

            migrationBuilder.AddForeignKey(
                name: "fk_order_lines_flash_sale_id",
                table: "order_lines",
                column: "flash_sale_id",
                principalTable: "flash_sales",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.Sql(FlashSaleRules.Sql);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_order_lines_flash_sale_id",
                table: "order_lines");

            migrationBuilder.DropTable(
                name: "flash_sales");

            migrationBuilder.Sql(FlashSaleRules.DropSql);

            migrationBuilder.DropIndex(
                name: "ix_order_lines_flash_sale_id_flash_buyer",
                table: "order_lines");

            migrationBuilder.DropColumn(
                name: "flash_buyer",
                table: "order_lines");

            migrationBuilder.DropColumn(
                name: "flash_sale_id",
                table: "order_lines");

            migrationBuilder.AlterDatabase()
                .Annotation("Npgsql:PostgresExtension:pg_trgm", ",,")
                .OldAnnotation("Npgsql:PostgresExtension:btree_gist", ",,")
                .OldAnnotation("Npgsql:PostgresExtension:pg_trgm", ",,");
        }
    }
}
