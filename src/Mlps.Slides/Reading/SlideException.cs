namespace Mlps.Slides;

/// <summary>A slide, or a file about slides, that cannot be used as it is.</summary>
public sealed class SlideException : Exception
{
    /// <summary>Makes the exception.</summary>
    public SlideException()
    {
    }

    /// <summary>Makes the exception with its message alone.</summary>
    public SlideException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its message and cause alone.</summary>
    public SlideException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception of a file, what is wrong with it, and what to do.</summary>
    /// <param name="filePath">The file or folder at fault.</param>
    /// <param name="rule">What was expected and what was found.</param>
    /// <param name="remedy">What the user can do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public SlideException(string filePath, string rule, string remedy, Exception? innerException = null)
        : base($"{filePath}: {rule} {remedy}".TrimEnd(), innerException)
    {
        FilePath = filePath;
        Rule = rule;
    }

    /// <summary>The file or folder at fault, or null.</summary>
    public string? FilePath { get; }

    /// <summary>What was expected and what was found, or null.</summary>
    public string? Rule { get; }
}
