using System.CommandLine;
using Retail.Core.Catalog;

namespace Retail.Web.Commands;

/// <summary>Makes every node that runs read the catalogue again.</summary>
internal static class SyncCommand
{
    public static Command Create()
    {
        var command = new Command("sync", """
            Tells every node that runs to read the whole catalogue from the database again. Pages go on being served meanwhile.

            Examples:
              sync
            """);
        command.SetAction(async (_, ct) =>
        {
            await using var store = await CommandStore.OpenAsync(ct);
            await store.Get<CatalogSync>().AskAllAsync(ct);
            Console.WriteLine("Every node that runs reads the whole catalogue again now.");
            return 0;
        });
        return command;
    }
}
