using System.Diagnostics;
using Mlps.Testing;
using Xunit;

namespace Mlps.Onnx.Tests;

/// <summary>A theory that needs ONNX's own Python package.</summary>
public sealed class PythonOnnxTheoryAttribute : TheoryAttribute
{
    private static readonly Lazy<string?> _missing = new(FindMissing);

    public PythonOnnxTheoryAttribute() => Skip = _missing.Value;

    private static string? FindMissing()
    {
        try
        {
            var (code, _) = ProcessRun.ToEnd(new ProcessStartInfo("python3", ["-c", "import onnx"]), TimeSpan.FromMinutes(1));
            return code == 0 ? null : "python3 has no onnx: apt-get install python3-onnx.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "python3 is not installed: apt-get install python3-onnx.";
        }
    }
}
