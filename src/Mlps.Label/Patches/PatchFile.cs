namespace Mlps.Label;

/// <summary>A patch to label.</summary>
/// <param name="Index">Its place in the list of patches, which is all that the page knows of the file.</param>
/// <param name="Key">Its path below the folder, with <c>/</c> between folders: labels are stored under this name.</param>
/// <param name="Path">The full path of the file.</param>
/// <param name="Slide">The slide that it was cut from, as its name or the source pattern tells.</param>
internal sealed record PatchFile(int Index, string Key, string Path, string Slide);
