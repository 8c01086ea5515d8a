using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Retail.Web.Areas.Admin.Pages.Products;

/// <summary>An address that older tools know: leads to the list.</summary>
public sealed class ProductModel : PageModel
{
    public IActionResult OnGet() => LocalRedirect(AdminMenu.Products);
}
