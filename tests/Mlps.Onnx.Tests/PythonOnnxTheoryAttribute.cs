using System.ComponentModel;
using System.Diagnostics;
using Mlps.Testing;
using Xunit;

namespace Mlps.Onnx.Tests;

/// <summary>A theory that needs ONNX's own Python package.</summary>
public sealed class PythonOnnxTheoryAttribute : TheoryAttribute
{
    /// <summary>The one on the path, and Debian's own.</summary>
    private static readonly string[] _candidates = ["python3", "/usr/bin/python3"];

    public PythonOnnxTheoryAttribute() => Skip = Python is null ? "No python3 has onnx: apt-get install python3-onnx." : null;

    /// <summary>The interpreter that has it, or null.</summary>
    internal static string? Python { get; } = _candidates.FirstOrDefault(HasOnnx);

    private static bool HasOnnx(string python)
    {
        try
        {
            return ProcessRun.ToEnd(new ProcessStartInfo(python, ["-c", "import onnx"]), TimeSpan.FromMinutes(1)).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
