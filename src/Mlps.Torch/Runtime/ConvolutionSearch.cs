using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Runtime;

/// <summary>For a while, whether cuDNN tries its algorithms for each new shape of a convolution and keeps the fastest; disposing the last gives the host's setting back.</summary>
/// <remarks>
/// libtorch keeps this setting for the whole process. Off unless the application's switch <see cref="ProcessSettings.SearchConvolutions"/> says otherwise: on an H100, the search for one of the
/// published networks took longer than 15 s, and no gain was seen after it.
/// </remarks>
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
    /// <returns>Null on a CPU, which has no cuDNN, and where nobody asked for it.</returns>
    public static ConvolutionSearch? On(Device device) => device.type is DeviceType.CUDA && ProcessSettings.IsAskedFor(ProcessSettings.SearchConvolutions) ? OnAny() : null;

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
