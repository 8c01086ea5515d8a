using Microsoft.Extensions.DependencyInjection;

namespace Retail.Core.Partners.Formats;

/// <summary>The formats that there are: found here, by their interface, and named nowhere else.</summary>
public sealed class FeedFormats(IEnumerable<IFeedFormat> formats)
{
    /// <summary>All of them, by name.</summary>
    public IReadOnlyList<IFeedFormat> All { get; } = [.. formats.OrderBy(f => f.Name, StringComparer.Ordinal)];

    /// <summary>The format of a key, or null.</summary>
    public IFeedFormat? Find(string? key) => All.FirstOrDefault(f => f.Key == key);

    /// <summary>The sample file of a format.</summary>
    public static Stream OpenSample(IFeedFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return format.GetType().Assembly.GetManifestResourceStream($"{typeof(FeedFormats).Namespace}.Samples.{format.Sample}")
            ?? throw new InvalidOperationException($"The sample {format.Sample} was not built into the program.");
    }

    /// <summary>Registers every format of the assembly.</summary>
    internal static IServiceCollection Register(IServiceCollection services)
    {
        foreach (var type in typeof(FeedFormats).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && typeof(IFeedFormat).IsAssignableFrom(t)))
            services.AddSingleton(typeof(IFeedFormat), type);
        return services.AddSingleton<FeedFormats>();
    }
}
