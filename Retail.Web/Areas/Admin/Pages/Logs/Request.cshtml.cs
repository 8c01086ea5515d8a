using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Retail.Core.Common;
using Retail.Core.Common.Logs;
using Retail.Core.Metrics;

namespace Retail.Web.Areas.Admin.Pages.Logs;

/// <summary>The log lines of one request, from the files of this node.</summary>
public sealed class RequestModel(LogReader logs) : PageModel
{
    public Guid Id { get; private set; }

    public FoundLines Found { get; private set; } = null!;

    /// <summary>The node that the request was answered by, when it is another one than this.</summary>
    public string? Elsewhere { get; private set; }

    public static string Here => MetricRecorder.Node;

    public void OnGet(Guid id, [FromQuery] string? node, CancellationToken ct)
    {
        (Id, Found) = (id, logs.Find(id, ct));
        if (node is { Length: > 0 and <= 100 } && node != Here) Elsewhere = node;
    }
}
