using System.Runtime.CompilerServices;
using Mlps.Torch.Runtime;
using Mlps.Torch.Tests.Devices;

namespace Mlps.Torch.Tests.Runtime;

internal static class LoadLibTorchFirst
{
    // Tests may make tensors before they touch a type of Mlps.Torch; the runtime decides which test runs first.
    [ModuleInitializer]
    internal static void Load()
    {
        LibTorch.EnsureLoaded();
        TestDevice.MultiplyAllBits();
    }
}
