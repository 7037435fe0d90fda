using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Mlps.Torch.Runtime;

namespace Mlps.ML.Interop;

/// <summary>Sees to it that libtorch is loaded as this library chooses before any code here reaches TorchSharp.</summary>
internal static class LibTorchFirst
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "It has to be in place before the first use of TorchSharp, and users shall do nothing for it.")]
    internal static void Install() => LibTorchHook.Install();
}
