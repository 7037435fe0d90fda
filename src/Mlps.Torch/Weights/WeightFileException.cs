namespace Mlps.Torch.Weights;

/// <summary>A weight file cannot be read: it is damaged, hostile, truncated, or in a form that is not supported.</summary>
/// <remarks>The message names the file, the place in it (tensor or byte offset), what was expected, and what can be done.</remarks>
public sealed class WeightFileException : IOException
{
    /// <summary>Creates the exception for one file.</summary>
    /// <param name="file">Path, or the name given to the stream.</param>
    /// <param name="problem">What is wrong, where, and what to do.</param>
    /// <param name="innerException">The error underneath, if there is one.</param>
    public WeightFileException(string file, string problem, Exception? innerException = null)
        : base($"Weight file '{file}': {ShortText.OfProblem(problem)}", innerException)
    {
        File = file;
    }

    /// <summary>Path of the file, or the name given to the stream.</summary>
    public string File { get; }
}
