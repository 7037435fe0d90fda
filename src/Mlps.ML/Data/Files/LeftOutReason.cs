namespace Mlps.ML;

/// <summary>Why a file or folder was left out.</summary>
public enum LeftOutReason
{
    /// <summary>An image in a format that is not read here, such as TIFF.</summary>
    OtherFormat,

    /// <summary>No image, by its name.</summary>
    NoImage,

    /// <summary>Written by the operating system or a file manager, such as <c>Thumbs.db</c> and <c>._a.png</c>.</summary>
    SystemFile,

    /// <summary>Its name begins with a dot.</summary>
    Hidden,

    /// <summary>Written by an earlier run, or where this run writes.</summary>
    OwnOutput,

    /// <summary>A link to a folder that is read anyway, or to one above it.</summary>
    RepeatedFolder,

    /// <summary>A pipe, socket or device.</summary>
    NotAFile,

    /// <summary>A link that leads nowhere.</summary>
    BrokenLink,

    /// <summary>It may not be read.</summary>
    Unreadable,

    /// <summary>Its name is not UTF-8, so that .NET cannot open it.</summary>
    UnreadableName,

    /// <summary>An image without a mask, or a mask without an image.</summary>
    Unpaired,

    /// <summary>An image that cannot be read whole, or whose mask cannot.</summary>
    Damaged,
}
