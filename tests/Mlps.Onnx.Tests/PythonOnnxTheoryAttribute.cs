using Xunit;

namespace Mlps.Onnx.Tests;

/// <summary>A theory that needs ONNX's own Python package.</summary>
public sealed class PythonOnnxTheoryAttribute : TheoryAttribute
{
    public PythonOnnxTheoryAttribute() => Skip = Python is null ? "No python3 has onnx: apt-get install python3-onnx." : null;

    /// <summary>The interpreter that has it, or null.</summary>
    internal static string? Python { get; } = PythonInterpreter.With("onnx");
}
