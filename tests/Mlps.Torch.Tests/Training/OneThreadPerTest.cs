using System.Runtime.CompilerServices;
using Mlps.Torch.Runtime;

namespace Mlps.Torch.Tests.Training;

internal static class OneThreadPerTest
{
    // Networks this small gain nothing from threads, which wait for each other for ever on a busy machine; test classes run side by side instead.
    [ModuleInitializer]
    internal static void Set()
    {
        LibTorch.EnsureLoaded();
        TorchSharp.torch.set_num_threads(1);
    }
}
