using System.Runtime.InteropServices;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>Exceptions as libtorch throws them.</summary>
internal static class LibTorchFailure
{
#pragma warning disable CA2201 // What libtorch throws.
    public static ExternalException With(string message) => new(message);
#pragma warning restore CA2201
}
