using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

public sealed class WeakVersionPatchTests
{
    private static byte[] Library => Natives.TorchSharpLibraryBytes;

    [LinuxX64Fact]
    public void FindMissing_HostWithEveryVersion_IsEmpty()
    {
        Assert.Empty(WeakVersionPatch.FindMissing(Library, "library", Natives.HostVersionsWithout()));
    }

    [LinuxX64Fact]
    public void FindMissing_HostLikeDebian12_IsTheOneVersion()
    {
        var missing = Assert.Single(WeakVersionPatch.FindMissing(Library, "library", Natives.HostVersionsWithout(Natives.VersionThatDebian12Lacks)));

        Assert.Equal(Natives.VersionThatDebian12Lacks, missing.Version);
    }

    [LinuxX64Fact]
    public void Apply_HostLikeDebian12_ChangesOneFlagAndNothingElse()
    {
        var host = Natives.HostVersionsWithout(Natives.VersionThatDebian12Lacks);
        var missing = WeakVersionPatch.FindMissing(Library, "library", host);

        var copy = WeakVersionPatch.Apply(Library, "library", missing);

        Assert.Equal(Library.Length, copy.Length);
        var changed = Assert.Single(Enumerable.Range(0, copy.Length), i => copy[i] != Library[i]);
        Assert.Equal(missing[0].FlagsOffset, changed);
        Assert.Equal(0x2, copy[changed]);
        Assert.Empty(WeakVersionPatch.FindMissing(copy, "copy", host));
    }

    [LinuxX64Fact]
    public void Apply_VersionThatIsReallyUsed_IsRefusedByName()
    {
        var missing = WeakVersionPatch.FindMissing(Library, "some.so", Natives.HostVersionsWithout("GLIBCXX_3.4.21"));

        var exception = Assert.Throws<NotSupportedException>(() => WeakVersionPatch.Apply(Library, "some.so", missing));

        Assert.Contains("'some.so'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("GLIBCXX_3.4.21", exception.Message, StringComparison.Ordinal);
    }
}
