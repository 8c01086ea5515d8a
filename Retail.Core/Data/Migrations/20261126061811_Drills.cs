using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Retail.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class Drills : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "drill_id",
                table: "products",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "drill_id",
                table: "carts",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "drill_marks",
                columns: table => new
                {
                    order_id = table.Column<Guid>(type: "uuid", nullable: false),
                    node = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    begun_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    kept_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    drill_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_drill_marks", x => new { x.order_id, x.node });
                });

            migrationBuilder.CreateTable(
                name: "drills",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    status = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    parameters = table.Column<string>(type: "jsonb", nullable: false),
                    steps = table.Column<string>(type: "jsonb", nullable: false),
                    percent = table.Column<int>(type: "integer", nullable: false),
                    result = table.Column<string>(type: "jsonb", nullable: true),
                    is_stop_asked = table.Column<bool>(type: "boolean", nullable: false),
                    release = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    node = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    asked_by = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_drills", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_products_drill_id",
                table: "products",
                column: "drill_id",
                filter: "drill_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_orders_drill_id",
                table: "orders",
                column: "drill_id",
                filter: "drill_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_carts_drill_id",
                table: "carts",
                column: "drill_id",
                filter: "drill_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_drill_marks_drill_id",
                table: "drill_marks",
                column: "drill_id");

            migrationBuilder.CreateIndex(
                name: "ix_drills_name_started_at",
                table: "drills",
                columns: new[] { "name", "started_at" });

            migrationBuilder.CreateIndex(
                name: "ix_drills_started_at_id",
                table: "drills",
                columns: new[] { "started_at", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "drill_marks");

            migrationBuilder.DropTable(
                name: "drills");

            migrationBuilder.DropIndex(
                name: "ix_products_drill_id",
                table: "products");

            migrationBuilder.DropIndex(
                name: "ix_orders_drill_id",
                table: "orders");

            migrationBuilder.DropIndex(
                name: "ix_carts_drill_id",
                table: "carts");

            migrationBuilder.DropColumn(
                name: "drill_id",
                table: "products");

            migrationBuilder.DropColumn(
                name: "drill_id",
                table: "carts");
        }
    }
}
