using System.Runtime.InteropServices;

namespace Mlps.Torch.Runtime;

/// <summary>How libtorch's threads wait for each other: asleep, and not spinning, unless the environment says otherwise.</summary>
/// <remarks>
/// GNU OpenMP spins for milliseconds at each of the thousands of barriers of a training step. That gains nothing measurable where every thread has a core to itself, and where it has not, threads spin through the very time that
/// the one they wait for would need: ten times slower beside one other process.
/// </remarks>
internal static partial class WaitingThreads
{
    private const string SpinCount = "GOMP_SPINCOUNT";
    private const string WaitPolicy = "OMP_WAIT_POLICY";

    /// <summary>Sets <c>GOMP_SPINCOUNT</c> to 0 for what is loaded from now on; libtorch's OpenMP reads it when it is loaded.</summary>
    public static void Sleep()
    {
        if (Environment.GetEnvironmentVariable(SpinCount) is null && Environment.GetEnvironmentVariable(WaitPolicy) is null)
        {
            // .NET keeps variables of its own, which native code does not see.
            _ = SetVariable(SpinCount, "0", overwrite: 0);
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
