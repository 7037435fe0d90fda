using Mlps.Testing;

namespace Mlps.Torch.Tests.Weights;

/// <summary>The folder of reference figures beside the repository, which not every machine has.</summary>
internal static class SharedData
{
    public static string? Folder { get; } = Find();

    public static string File(params string[] path) => Path.Combine([Folder!, .. path]);

    private static string? Find()
    {
        var shared = Path.GetFullPath(Path.Combine(RepositoryFolder.Root, "..", "shared"));
        return Directory.Exists(Path.Combine(shared, "oracle")) ? shared : null;
    }
}
