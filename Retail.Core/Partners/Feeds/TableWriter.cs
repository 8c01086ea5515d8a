using System.Text;

namespace Retail.Core.Partners.Feeds;

/// <summary>Rows with a header (RFC 4180 with a separator of one's choice). Several values of a field come separated by commas.</summary>
internal sealed class TableWriter(MemoryStream buffer, char separator, string[] columns, Func<OutItem, IEnumerable<(string Field, string Value)>> fields) : OutFeedWriter
{
    private static readonly string[] Quoted = ["\"", "\n", "\r"];

    private readonly StreamWriter _text = new(buffer, new UTF8Encoding(false), bufferSize: 4096, leaveOpen: true) { NewLine = separator == ',' ? "\r\n" : "\n" };
    private readonly string[] _row = new string[columns.Length];
    private readonly Dictionary<string, int> _places = columns.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i);

    public override void Begin() => Line(columns);

    public override void Write(OutItem item)
    {
        Array.Fill(_row, "");
        foreach (var (field, value) in fields(item))
        {
            var place = _places[field];
            _row[place] = _row[place].Length == 0 ? value : $"{_row[place]},{value}";
        }
        Line(_row);
    }

    public override void End() => Flush();

    public override void Flush() => _text.Flush();

    protected override void Dispose(bool disposing) => _text.Dispose();

    private void Line(string[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0) _text.Write(separator);
            var value = values[i];
            if (value.Contains(separator, StringComparison.Ordinal) || Quoted.Any(q => value.Contains(q, StringComparison.Ordinal)))
            {
                _text.Write('"');
                _text.Write(value.Replace("\"", "\"\"", StringComparison.Ordinal));
                _text.Write('"');
            }
            else _text.Write(value);
        }
        _text.WriteLine();
    }
}
