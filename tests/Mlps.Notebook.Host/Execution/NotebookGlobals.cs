using System.Diagnostics.CodeAnalysis;

namespace Mlps.Notebook.Host.Execution;

/// <summary>What cells can call besides their packages: the two that notebook engines for C# have, by their names.</summary>
public sealed class NotebookGlobals
{
    private readonly CellOutputs _outputs;

    internal NotebookGlobals(CellOutputs outputs) => _outputs = outputs;

    /// <summary>Shows a value here and now.</summary>
    public void display(object? value) => _outputs.Display(value);

    /// <summary>Marks text as HTML.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Cells see the members of an object.")]
    public Html HTML(string text) => new(text);
}
