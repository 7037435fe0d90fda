namespace Mlps.Notebook.Host.Execution;

/// <summary>A cell that does not compile or that threw.</summary>
internal sealed class CellException(int number, string source, string fault) : Exception($"Cell {number}:\n{source}\n\n{fault}");
