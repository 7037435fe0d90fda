using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Runtime;

/// <summary>For a while, whether GPUs round the factors of products to TensorFloat32; disposing the last gives the host's settings back.</summary>
/// <remarks>libtorch keeps these settings for the whole process. While several computations run at once, the most exact of them decides for all.</remarks>
internal sealed class FactorRounding : IDisposable
{
    private static readonly Lock _settings = new();
    private static int _exact;
    private static int _rounding;
    private static (bool Products, bool Convolutions) _hosts;

    private readonly bool _rounds;
    private bool _isDisposed;

    private FactorRounding(Precision precision)
    {
        _rounds = precision is not Precision.Full;
        lock (_settings)
        {
            if (_exact + _rounding == 0)
            {
                _hosts = (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);
            }

            Count(1);
        }
    }

    /// <summary>Computes on a device with a precision from now on.</summary>
    /// <returns>Null on a CPU, which always multiplies all bits.</returns>
    public static FactorRounding? On(Device device, Precision precision) => device.type is DeviceType.CUDA ? Of(precision) : null;

    /// <summary>The same on whatever device.</summary>
    internal static FactorRounding Of(Precision precision) => new(precision);

    public void Dispose()
    {
        lock (_settings)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                Count(-1);
            }
        }
    }

    private void Count(int change)
    {
        (_exact, _rounding) = _rounds ? (_exact, _rounding + change) : (_exact + change, _rounding);
        var (products, convolutions) = _exact + _rounding == 0 ? _hosts : (_exact == 0, _exact == 0);
        backends.cuda.matmul.allow_tf32 = products;
        backends.cudnn.allow_tf32 = convolutions;
    }
}
