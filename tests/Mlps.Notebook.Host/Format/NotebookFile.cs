using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mlps.Notebook.Host.Format;

/// <summary>A Jupyter notebook (nbformat 4). Whatever is not touched stays as it is.</summary>
internal sealed class NotebookFile
{
    private static readonly JsonSerializerOptions _layout = new() { WriteIndented = true, IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonNode _root;

    private NotebookFile(JsonNode root)
    {
        _root = root;
        CodeCells = [.. root["cells"]!.AsArray().Where(cell => (string?)cell!["cell_type"] == "code").Select((cell, index) => new CodeCell(cell!.AsObject(), index + 1))];
    }

    /// <summary>The cells to run, in order.</summary>
    public IReadOnlyList<CodeCell> CodeCells { get; }

    public static NotebookFile Read(string path) => new(JsonNode.Parse(File.ReadAllText(path)) ?? throw new InvalidDataException($"{path} is not a notebook."));

    public void Write(string path) => File.WriteAllText(path, _root.ToJsonString(_layout) + "\n");
}
