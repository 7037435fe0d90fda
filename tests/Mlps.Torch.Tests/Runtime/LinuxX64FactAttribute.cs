using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>A fact about the loading of libtorch on Linux x64 with glibc; skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxX64FactAttribute : FactAttribute
{
    public LinuxX64FactAttribute()
    {
        if (!LibTorchLoader.IsSupported)
        {
            Skip = "Loading is left to TorchSharp on this system.";
        }
    }
}
