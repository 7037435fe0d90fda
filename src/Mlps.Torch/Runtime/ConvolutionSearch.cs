using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Runtime;

/// <summary>For a while, whether cuDNN tries its algorithms for each new shape of a convolution and keeps the fastest; disposing the last gives the host's setting back.</summary>
/// <remarks>libtorch keeps this setting for the whole process. It pays where shapes repeat, and costs much where each is new.</remarks>
internal sealed class ConvolutionSearch : IDisposable
{
    private static readonly Lock _setting = new();
    private static int _searching;
    private static bool _hosts;

    private bool _isDisposed;

    private ConvolutionSearch()
    {
        lock (_setting)
        {
            if (_searching++ == 0)
            {
                _hosts = CuDnnSetting.Searches;
                CuDnnSetting.Searches = true;
            }
        }
    }

    /// <summary>Searches on a device from now on.</summary>
    /// <returns>Null on a CPU, which has no cuDNN.</returns>
    public static ConvolutionSearch? On(Device device) => device.type is DeviceType.CUDA ? OnAny() : null;

    /// <summary>The same on whatever device.</summary>
    internal static ConvolutionSearch OnAny() => new();

    public void Dispose()
    {
        lock (_setting)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                if (--_searching == 0)
                {
                    CuDnnSetting.Searches = _hosts;
                }
            }
        }
    }
}
