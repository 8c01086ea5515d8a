using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Retail.Core.Quality.Scenarios;

/// <summary>QS-Catalog.md as it is on disk: read again when it changes, at most once a second.</summary>
public sealed class CatalogueFile
{
    /// <summary>The file's name.</summary>
    public const string Name = "QS-Catalog.md";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _one = new();
    private readonly MeasureNames _names;
    private readonly TimeProvider _clock;
    private readonly ILogger<CatalogueFile>? _logger;
    private readonly string[] _candidates;
    private QualityCatalogue? _current, _good;
    private (string Path, DateTime Written, long Length) _read;
    private DateTimeOffset _looked;

    /// <summary>Looks where the setting Quality:Catalogue says; else in the content folder, else beside the program.</summary>
    public CatalogueFile(NamedQueries queries, IOptions<ScenarioOptions> options, TimeProvider clock, ILogger<CatalogueFile> logger, IHostEnvironment? host = null)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(options);
        _names = MeasureNames.With(queries.All);
        // A command tells a mistake by itself; a store has a log.
        (_clock, _logger) = (clock, host is null ? null : logger);
        _candidates = options.Value.Catalogue is { Length: > 0 } given ? [given]
            : [.. new[] { host?.ContentRootPath, AppContext.BaseDirectory }.OfType<string>().Select(folder => Path.Combine(folder, Name)).Distinct()];
    }

    /// <summary>What the file says now, with its mistakes.</summary>
    public QualityCatalogue Current
    {
        get
        {
            lock (_one)
            {
                var now = _clock.GetUtcNow();
                if (_current is not null && now - _looked < LookEvery && now >= _looked) return _current;
                _looked = now;
                return _current = Look();
            }
        }
    }

    /// <summary>What verdicts go by: the file, or while it has mistakes, the last that had none. Empty when there never was one.</summary>
    public QualityCatalogue InForce
    {
        get
        {
            var current = Current;
            return current.Mistakes.Count == 0 ? current : _good ?? new([], current.Mistakes, "");
        }
    }

    private QualityCatalogue Look()
    {
        var path = _candidates.FirstOrDefault(File.Exists);
        if (path is null)
            return Missing(_candidates[0], $"the catalogue of quality scenarios is not there; looked for {string.Join(" and ", _candidates.Select(Path.GetFullPath))}. Put {Name} there, or name it in the setting Quality:Catalogue (Quality__Catalogue).");
        try
        {
            var info = new FileInfo(path);
            var version = (path, info.LastWriteTimeUtc, info.Length);
            if (_current is not null && version == _read) return _current;
            var read = CatalogueParser.Parse(path, File.ReadAllText(path), _names);
            _read = version;
            if (read.Mistakes.Count == 0) _good = read;
            Tell(read);
            return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Missing(path, $"the catalogue of quality scenarios can't be read ({e.Message.TrimEnd('.')}). Give the store's account the right to read it.");
        }
    }

    private QualityCatalogue Missing(string path, string message)
    {
        _read = default;
        var missing = new QualityCatalogue([], [new(path, 0, message)], "");
        if (_current?.Mistakes is not [{ } same] || same != missing.Mistakes[0]) Tell(missing);
        return missing;
    }

    private void Tell(QualityCatalogue read)
    {
        foreach (var mistake in read.Mistakes) _logger?.CatalogueMistake(mistake.ToString());
        if (read.Mistakes.Count == 0) _logger?.CatalogueRead(read.Scenarios.Count, read.Fingerprint);
    }
}
