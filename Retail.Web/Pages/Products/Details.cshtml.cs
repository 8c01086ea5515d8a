using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Retail.Web.Pages.Products;

public sealed class DetailsModel : PageModel
{
    public const int RelatedShown = 4;
}
