using Xunit;

namespace Mlps.Torch.Tests.Devices;

/// <summary>A test that compares a device with the CPU, and is skipped where none is named.</summary>
public sealed class DeviceFactAttribute : FactAttribute
{
    /// <summary>The environment variable that names the device.</summary>
    public const string Variable = "MLPS_TEST_DEVICE";

    public DeviceFactAttribute()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            Skip = $"Compares a GPU with the CPU: set {Variable}=cuda:0 where there is one.";
        }
    }
}
