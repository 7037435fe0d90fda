using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML;
using TorchSharp;

namespace Mlps.ML;

/// <summary>What a training ran with.</summary>
internal static class Versions
{
    public static IReadOnlyDictionary<string, string> On(torch.Device device) => new Dictionary<string, string>
    {
        ["Mlps"] = Read(typeof(Versions)),
        ["TorchSharp"] = Read(typeof(torch)),
        ["ML.NET"] = Read(typeof(MLContext)),
        [".NET"] = RuntimeInformation.FrameworkDescription,
        ["OS"] = RuntimeInformation.OSDescription,
        ["Device"] = device.ToString(),
        ["Threads"] = torch.get_num_threads().ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private static string Read(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? type.Assembly.GetName().Version?.ToString() ?? "unknown";
}
