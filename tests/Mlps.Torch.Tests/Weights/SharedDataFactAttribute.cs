using Xunit;

namespace Mlps.Torch.Tests.Weights;

/// <summary>A fact that needs the reference figures in <c>../shared/oracle</c>, and is skipped where they are absent.</summary>
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute()
    {
        if (SharedData.Folder is null)
        {
            Skip = "Needs the reference figures in ../shared/oracle beside the repository, which are not there.";
        }
    }
}
