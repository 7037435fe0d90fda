using System.Globalization;
using System.Runtime.InteropServices;

namespace Mlps.Torch.Runtime;

/// <summary>How libtorch's threads wait for each other: awake for some microseconds, then asleep, unless the environment says otherwise.</summary>
/// <remarks>
/// GNU OpenMP spins for milliseconds at each of a training step's thousands of barriers, of which most are over within microseconds.
/// Beside other work on the same cores, spinning takes the time that the awaited thread needs: ten times slower beside one other process.
/// </remarks>
internal static partial class WaitingThreads
{
    /// <summary>Rounds of waiting before sleep: what GNU OpenMP itself takes when there are more threads than cores.</summary>
    internal const int Spins = 1000;

    private const string SpinCount = "GOMP_SPINCOUNT";
    private const string WaitPolicy = "OMP_WAIT_POLICY";

    /// <summary>Sets <c>GOMP_SPINCOUNT</c> for what is loaded from now on; libtorch's OpenMP reads it when it is loaded.</summary>
    public static void SpinBriefly()
    {
        if (!ProcessSettings.IsOn(ProcessSettings.WaitBriefly))
        {
            ProcessSettings.NoteOff(ProcessSettings.WaitBriefly);
        }
        else if (((string[])[SpinCount, WaitPolicy]).FirstOrDefault(wish => Environment.GetEnvironmentVariable(wish) is not null) is { } wish)
        {
            ProcessSettings.Note(ProcessSettings.WaitBriefly, $"left alone, as the environment sets {wish}");
        }
        else
        {
            // .NET keeps variables of its own, which native code does not see.
            _ = SetVariable(SpinCount, Spins.ToString(CultureInfo.InvariantCulture), overwrite: 0);
            ProcessSettings.Note(ProcessSettings.WaitBriefly, $"on: {SpinCount}={Spins}");
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
