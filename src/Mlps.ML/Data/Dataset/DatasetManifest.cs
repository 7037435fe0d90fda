using System.Text;

namespace Mlps.ML;

/// <summary>What dataset.json says: the dataset's name, its classes, how file names tell of slides (null where as usual), and the patches' µm a pixel (null where unknown).</summary>
internal sealed record DatasetManifest(string Name, TissueClasses Classes, string? SourcePattern = null, double? MicronsPerPixel = null)
{
    public const string FileName = "dataset.json";

    /// <summary>A dataset.json to start from, for messages and documents.</summary>
    public const string Example =
        """{"name": "My tissue", "classes": [{"name": "tumor", "color": "#CD3333"}, {"name": "stroma", "color": "#4169E1"}], "background": {"name": "background", "color": "#FFFFFF"}}""";

    private static readonly (string FolderNamePart, TissueClasses Classes)[] Presets =
    [
        ("LUAD-HistoSeg", TissueClasses.LuadHistoSeg),
        ("BCSS-WSSS", TissueClasses.BcssWsss),
    ];

    /// <summary>The manifest in the folder, or the preset that the folder is named after.</summary>
    /// <exception cref="TissueDataException">There is neither, or the manifest is unreadable.</exception>
    public static DatasetManifest Find(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (File.Exists(path))
        {
            return Read(path);
        }

        var folderName = Path.GetFileName(folder);
        foreach (var (part, classes) in Presets)
        {
            if (folderName.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return new DatasetManifest(part, classes);
            }
        }

        throw new TissueDataException(
            path,
            $"The folder has no {FileName}, and its name holds none of {string.Join(", ", Presets.Select(preset => preset.FolderNamePart))}, so its classes are unknown.",
            $"Write this file, with the classes in the order of label digits and mask indices, and \"background\": null where masks have none, for example {Example}, or pass the classes to TissueDataset.Open.");
    }

    public void Write(string folder) =>
        OutputFile.Write(Path.Combine(folder, FileName), Encoding.UTF8.GetBytes(TissueClassesJson.Write(Classes, Name)));

    private static DatasetManifest Read(string path)
    {
        FileStatus.RequireNotSpecial(path);
        try
        {
            var (classes, name, sourcePattern, micronsPerPixel) = TissueClassesJson.Read(HandWrittenFile.ReadText(path));
            if (sourcePattern is not null)
            {
                SourceRule.Check(sourcePattern);
            }

            return new DatasetManifest(name ?? Path.GetFileName(Path.GetDirectoryName(path)!), classes, sourcePattern, micronsPerPixel);
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(path, exception.Message, $"An example of its form: {Example}", exception);
        }
    }
}
