namespace Mlps.ML.Stages;

/// <summary>A stage could not compute a row; the message names the row.</summary>
internal sealed class RowException(string message, Exception? inner) : InvalidOperationException(message, inner);
