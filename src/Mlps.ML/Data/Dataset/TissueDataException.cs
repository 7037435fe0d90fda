namespace Mlps.ML;

/// <summary>A file or folder of a dataset that breaks a rule of its layout.</summary>
public sealed class TissueDataException : Exception
{
    /// <summary>Makes the exception.</summary>
    public TissueDataException()
    {
    }

    /// <summary>Makes the exception with its message alone.</summary>
    public TissueDataException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its message and cause alone.</summary>
    public TissueDataException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception of a file, a rule, and what to do.</summary>
    /// <param name="filePath">The file or folder at fault.</param>
    /// <param name="rule">What was expected and what was found.</param>
    /// <param name="remedy">What the user can do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public TissueDataException(string filePath, string rule, string remedy, Exception? innerException = null)
        : base($"{filePath}: {rule} {remedy}".TrimEnd(), innerException)
    {
        FilePath = filePath;
        Rule = rule;
    }

    /// <summary>The file or folder at fault, or null.</summary>
    public string? FilePath { get; }

    /// <summary>What was expected and what was found, or null.</summary>
    public string? Rule { get; }

    /// <summary>Whether the file is whole and means something else than the dataset's classes, so that leaving it out would hide a fault of all.</summary>
    internal bool ContradictsClasses { get; init; }
}
