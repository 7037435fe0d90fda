using System.Runtime.InteropServices;

namespace Mlps.Torch.Runtime;

/// <summary>How much memory a GPU has, by NVIDIA's driver: TorchSharp does not tell.</summary>
internal static class GpuMemory
{
    private static readonly string _driver = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>All of its memory in bytes; null where there is no such driver or GPU.</summary>
    /// <param name="gpu">Number of the GPU, as CUDA counts.</param>
    public static unsafe long? TotalBytes(int gpu)
    {
        if (!NativeLibrary.TryLoad(_driver, out var library)
            || !NativeLibrary.TryGetExport(library, "cuInit", out var cuInit)
            || !NativeLibrary.TryGetExport(library, "cuDeviceGet", out var cuDeviceGet)
            || !NativeLibrary.TryGetExport(library, "cuDeviceTotalMem_v2", out var cuDeviceTotalMem))
        {
            return null;
        }

        int device;
        nuint bytes;
        return ((delegate* unmanaged<uint, int>)cuInit)(0) == 0
            && ((delegate* unmanaged<int*, int, int>)cuDeviceGet)(&device, gpu) == 0
            && ((delegate* unmanaged<nuint*, int, int>)cuDeviceTotalMem)(&bytes, device) == 0
            ? (long)bytes : null;
    }
}
