using System.ComponentModel;
using System.Diagnostics;
using Mlps.Testing;

namespace Mlps.Onnx.Tests;

/// <summary>Finds a Python that has packages, which need not be the first on the path.</summary>
internal static class PythonInterpreter
{
    /// <summary>The one on the path, and Debian's own.</summary>
    private static readonly string[] _candidates = ["python3", "/usr/bin/python3"];

    /// <summary>The interpreter that can import these modules, or null.</summary>
    public static string? With(string modules) => _candidates.FirstOrDefault(python => CanImport(python, modules));

    private static bool CanImport(string python, string modules)
    {
        try
        {
            return ProcessRun.ToEnd(new ProcessStartInfo(python, ["-c", $"import {modules}"]), TimeSpan.FromMinutes(1)).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
