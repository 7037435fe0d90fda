namespace Mlps.Slides;

/// <summary>Files of a slide that a killed run did not finish.</summary>
internal static class UnfinishedFiles
{
    /// <summary>What writers name files and folders that are not complete.</summary>
    private const string Temporary = ".mlps-*.tmp";

    /// <summary>Deletes what a killed run left unfinished. Nothing else may be writing into the folder.</summary>
    public static void Delete(string folder)
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
