using System.Text.RegularExpressions;
using Retail.Core.Data;
using Xunit;

namespace Retail.Tests.HouseRules;

/// <summary>Who may know whom. Lower never knows upper, and the library knows no page.</summary>
public sealed partial class DependencyTests
{
    // From the ground up; what stands on one line may know each other.
    private static readonly string[][] Layers =
    [
        ["Common"], ["Data", "Metrics", "Flags"], ["Catalog", "Accounts"], ["Inventory"], ["Carts"], ["Payments"], ["Orders"],
        ["Partners", "Reviews", "Notifications"], ["Quality"], ["Jobs"],
    ];

    private static readonly string Core = Path.Combine(RepositoryRoot(), "Retail.Core");

    [Fact]
    public void Lower_never_knows_upper()
    {
        var looked = 0;
        var wrong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Core, "*.cs", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(Core, file);
            var layer = LayerOf(path.Split(Path.DirectorySeparatorChar)[0]);
            // The list of tables knows every entity by its nature; migrations are its history.
            if (layer < 0 || path == Path.Combine("Data", "RetailDbContext.cs") || path.StartsWith(Path.Combine("Data", "Migrations"), StringComparison.Ordinal)) continue;
            foreach (Match use in Using().Matches(File.ReadAllText(file)))
            {
                looked++;
                if (LayerOf(use.Groups[1].Value) > layer) wrong.Add($"{path} uses {use.Groups[1].Value}");
            }
        }
        Assert.True(looked > 100, $"Only {looked} uses were looked at: is the folder right?");
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_folder_of_the_library_has_its_place()
    {
        var folders = Directory.GetDirectories(Core).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj")).ToList();
        Assert.NotEmpty(folders);
        Assert.All(folders, folder => Assert.True(LayerOf(folder!) >= 0, $"{folder} is in no layer."));
    }

    [Fact]
    public void The_library_knows_no_page_and_no_request()
    {
        var references = typeof(RetailDbContext).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToList();
        Assert.Contains("Microsoft.EntityFrameworkCore", references);
        Assert.DoesNotContain(references, name => name.StartsWith("Microsoft.AspNetCore.Mvc", StringComparison.Ordinal) || name == "Microsoft.AspNetCore.Http.Abstractions");
    }

    [Fact]
    public void A_job_engine_is_known_to_its_adapter_alone()
    {
        var (inside, outside) = (0, new List<string>());
        var folders = new[] { Core, Path.Combine(RepositoryRoot(), "Retail.Web"), Path.Combine(RepositoryRoot(), "Retail.Worker") };
        foreach (var file in folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)))
        {
            var path = Path.GetRelativePath(RepositoryRoot(), file);
            if (path.Contains("/obj/", StringComparison.Ordinal) || path.Contains("/bin/", StringComparison.Ordinal) || !EngineUsing().IsMatch(File.ReadAllText(file))) continue;
            if (path.Contains("/Jobs/Quartz/", StringComparison.Ordinal) || path.Contains("/Hangfire/", StringComparison.Ordinal)) inside++;
            else outside.Add(path);
        }
        Assert.True(inside >= 3, $"Only {inside} files of the adapters were found: is the folder right?");
        Assert.Empty(outside);
    }

    internal static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Retail.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("Retail.sln is in no folder above the tests.");
        return folder.FullName;
    }

    private static int LayerOf(string folder) => Array.FindIndex(Layers, layer => layer.Contains(folder));

    [GeneratedRegex(@"^using (Quartz|Hangfire)\b", RegexOptions.Multiline)]
    private static partial Regex EngineUsing();

    [GeneratedRegex(@"Retail\.Core\.([A-Z]\w+)")]
    private static partial Regex Using();
}
