using System.Runtime.CompilerServices;
using Mlps.Torch.Runtime;

namespace Mlps.Docs.Tests;

internal static class LoadLibTorchFirst
{
    // A page's program may touch TorchSharp before a type of Mlps.Torch.
    [ModuleInitializer]
    internal static void Load() => LibTorch.EnsureLoaded();
}
