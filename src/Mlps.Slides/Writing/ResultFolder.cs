namespace Mlps.Slides;

/// <summary>The folder of a slide's results.</summary>
internal static class ResultFolder
{
    /// <summary>What writers name files and folders that are not complete.</summary>
    private const string Temporary = ".mlps-*.tmp";

    /// <summary>Deletes what a killed run left unfinished.</summary>
    /// <remarks>Nothing else may be writing into the folder.</remarks>
    public static void DeleteUnfinished(string folder)
    {
        foreach (var path in Directory.GetDirectories(folder, Temporary))
        {
            Directory.Delete(path, recursive: true);
        }

        foreach (var path in Directory.GetFiles(folder, Temporary))
        {
            File.Delete(path);
        }
    }
}
