using System.Text.Json.Nodes;

namespace Mlps.Notebook.Host.Format;

/// <summary>A cell of code, and what it put out.</summary>
/// <param name="json">The cell in the notebook.</param>
/// <param name="number">Its place among the cells of code, from 1.</param>
internal sealed class CodeCell(JsonObject json, int number)
{
    public int Number => number;

    public string Source => string.Concat(json["source"]!.AsArray().Select(line => (string?)line));

    /// <summary>Replaces what the cell put out.</summary>
    public void SetOutputs(IEnumerable<JsonObject> outputs)
    {
        json["execution_count"] = number;
        json["outputs"] = new JsonArray([.. outputs]);
    }
}
