using Mlps.Notebook.Host.Execution;

namespace Mlps.Notebook.Host.Cells;

/// <summary>What cells can call on text, as in notebook engines for C#.</summary>
public static class StringDisplay
{
    internal static CellOutputs? Outputs { get; set; }

    /// <summary>Shows text here and now in a form of its own, such as <c>text/html</c>.</summary>
    public static void DisplayAs(this string value, string mimeType) =>
        (Outputs ?? throw new InvalidOperationException("No cell is running.")).DisplayAs(value, mimeType);
}
