using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Catalog;

namespace Retail.Web.Areas.Admin.Pages.Categories;

public sealed class IndexModel(CategoryService categories) : PageModel
{
    public IReadOnlyList<CategoryRow> Categories { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct) => Categories = await categories.ListAsync(ct);
}
