namespace Mlps.Testing;

/// <summary>The repository that the tests were built in, found from where they run: paths in the sources are rewritten by deterministic builds.</summary>
internal static class RepositoryFolder
{
    /// <summary>The nearest folder above the tests that holds Mlps.sln.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Mlps.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {start} holds Mlps.sln; run the tests where they were built.");
    }
}
