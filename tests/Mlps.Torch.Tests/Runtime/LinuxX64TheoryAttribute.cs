using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>A theory about Linux x64 with glibc; skipped elsewhere.</summary>
internal sealed class LinuxX64TheoryAttribute : TheoryAttribute
{
    public LinuxX64TheoryAttribute()
    {
        if (!LibTorchLoader.IsSupported)
        {
            Skip = "Linux x64 with glibc only.";
        }
    }
}
