using System.Text;
using System.Text.Json.Nodes;
using Mlps.Notebook.Host.Format;

namespace Mlps.Notebook.Host.Execution;

/// <summary>What a running cell puts out, in order: what it writes to the console, what it displays, and the value of its last line. Any thread may write.</summary>
internal sealed class CellOutputs : TextWriter
{
    private readonly Lock _gate = new();
    private readonly List<JsonObject> _outputs = [];
    private readonly StringBuilder _text = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        lock (_gate)
        {
            _text.Append(value);
        }
    }

    public override void Write(string? value)
    {
        lock (_gate)
        {
            _text.Append(value);
        }
    }

    public void Display(object? value) => Add(new JsonObject { ["output_type"] = "display_data", ["data"] = ValueFormat.Format(value), ["metadata"] = new JsonObject() });

    public void DisplayAs(string text, string mimeType) =>
        Add(new JsonObject { ["output_type"] = "display_data", ["data"] = new JsonObject { [mimeType] = Lines.Split(text) }, ["metadata"] = new JsonObject() });

    public void Result(object value, int number) =>
        Add(new JsonObject { ["output_type"] = "execute_result", ["execution_count"] = number, ["data"] = ValueFormat.Format(value), ["metadata"] = new JsonObject() });

    public JsonObject[] Take()
    {
        lock (_gate)
        {
            EndText();
            var taken = _outputs.ToArray();
            _outputs.Clear();
            return taken;
        }
    }

    private void Add(JsonObject output)
    {
        lock (_gate)
        {
            EndText();
            _outputs.Add(output);
        }
    }

    private void EndText()
    {
        if (_text.Length > 0)
        {
            _outputs.Add(new JsonObject { ["output_type"] = "stream", ["name"] = "stdout", ["text"] = Lines.Split(_text.ToString()) });
            _text.Clear();
        }
    }
}
