using System.Runtime.InteropServices;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

public static partial class WaitingThreadsTests
{
    [LinuxX64Fact]
    public static void NativeEnvironment_SaysThatThreadsSpinBriefly_UnlessTheUserSaidOtherwise()
    {
        var (wish, policy) = (Environment.GetEnvironmentVariable("GOMP_SPINCOUNT"), Environment.GetEnvironmentVariable("OMP_WAIT_POLICY"));

        Assert.Equal(wish ?? (policy is null ? "1000" : null), Marshal.PtrToStringUTF8(NativeVariable("GOMP_SPINCOUNT")));
    }

    [LibraryImport("libc.so.6", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint NativeVariable(string name);
}
