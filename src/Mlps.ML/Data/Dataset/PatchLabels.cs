namespace Mlps.ML;

/// <summary>Reads the labels of many files. Equal labels are one object: a million patches have few different ones.</summary>
internal sealed class PatchLabels(TissueClasses classes)
{
    private readonly Dictionary<string, IReadOnlyList<bool>> _byText = new(StringComparer.Ordinal);

    /// <summary>The label in a file's name.</summary>
    /// <exception cref="TissueDataException">As <see cref="PatchLabel.Read"/> says.</exception>
    public IReadOnlyList<bool> Read(string path)
    {
        var text = PatchLabel.TextOf(Path.GetFileNameWithoutExtension(path.AsSpan()));
        var known = _byText.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(text, out var label))
        {
            label = PatchLabel.Read(path, classes);
            known[text] = label;
        }

        return label;
    }
}
