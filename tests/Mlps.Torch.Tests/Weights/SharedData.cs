namespace Mlps.Torch.Tests.Weights;

/// <summary>The folder of reference figures beside the repository, which not every machine has.</summary>
internal static class SharedData
{
    public static string? Folder { get; } = Find();

    public static string File(params string[] path) => Path.Combine([Folder!, .. path]);

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Mlps.sln")))
            {
                string shared = Path.Combine(folder.Parent?.FullName ?? folder.FullName, "shared");
                return Directory.Exists(Path.Combine(shared, "oracle")) ? shared : null;
            }
        }

        return null;
    }
}
