namespace Mlps.ML;

/// <summary>What a path leads to, links followed.</summary>
internal enum FileKind
{
    /// <summary>A file with contents that can be read to their end.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A pipe, socket or device: opening or reading one may never end.</summary>
    Special,

    /// <summary>Nothing: no such file, or a link that leads nowhere or to itself.</summary>
    Missing,

    /// <summary>Something that may not be looked at.</summary>
    Forbidden,
}
