using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>A test on real tissue, which lies beside the repository and not in it; skipped where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute()
    {
        if (!Directory.Exists(Folder()))
        {
            Skip = $"Real tissue is not at {Folder()}.";
        }
    }

    /// <summary>The folder <c>shared/data</c> beside the repository.</summary>
    public static string Folder() => Path.GetFullPath(Path.Combine(RepositoryFolder.Root, "..", "shared", "data"));
}
