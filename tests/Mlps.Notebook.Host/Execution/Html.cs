namespace Mlps.Notebook.Host.Execution;

/// <summary>Text that is to be shown as HTML.</summary>
public sealed record Html(string Text);
