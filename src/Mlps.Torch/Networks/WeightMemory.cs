using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Networks;

/// <summary>Where the weights of networks under construction lie: in memory, or nowhere, when only their names and shapes are needed.</summary>
internal static class WeightMemory
{
    private static readonly Device _nowhere = new(DeviceType.META);

    [ThreadStatic]
    private static bool _isOff;

    /// <summary>The device that new weights are made on.</summary>
    public static Device Device => _isOff ? _nowhere : CPU;

    /// <summary>A device without memory, where weights have shapes and no values.</summary>
    public static Device Nowhere => _nowhere;

    /// <summary>Makes a network whose weights have names and shapes but take no memory, however wide it is.</summary>
    /// <param name="create">Makes the network, without drawing weights.</param>
    public static T Without<T>(Func<T> create)
        where T : nn.Module
    {
        var before = _isOff;
        _isOff = true;
        try
        {
            return create();
        }
        finally
        {
            _isOff = before;
        }
    }
}
