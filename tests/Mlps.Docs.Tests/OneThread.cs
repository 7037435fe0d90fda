using System.Runtime.CompilerServices;
using Mlps.Torch.Runtime;

namespace Mlps.Docs.Tests;

internal static class OneThread
{
    // Networks this small gain nothing from threads, which wait for each other for ever on a busy machine.
    [ModuleInitializer]
    internal static void Set()
    {
        LibTorch.EnsureLoaded();
        TorchSharp.torch.set_num_threads(1);
    }
}
