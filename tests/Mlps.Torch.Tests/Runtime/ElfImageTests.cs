using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

public sealed class ElfImageTests
{
    private static byte[] Library => Natives.TorchSharpLibraryBytes;

    [LinuxX64Fact]
    public void ReadVersionNeeds_TorchSharpLibrary_HoldsTheVersionThatDebian12Lacks()
    {
        VersionNeed need = Assert.Single(new ElfImage(Library, "library").ReadVersionNeeds(), need => need.Version == Natives.VersionThatDebian12Lacks);

        Assert.Equal("libstdc++.so.6", need.Library);
        Assert.False(need.IsWeak);
        Assert.Equal([0, 0], Library.AsSpan(need.FlagsOffset, 2).ToArray());
    }

    [LinuxX64Fact]
    public void ReadVersionNeeds_TorchSharpLibrary_ListsEveryLibraryItIsLinkedWith()
    {
        var libraries = new ElfImage(Library, "library").ReadVersionNeeds().Select(need => need.Library).Distinct();

        Assert.Equal(["ld-linux-x86-64.so.2", "libc.so.6", "libgcc_s.so.1", "libm.so.6", "libstdc++.so.6"], libraries.Order(StringComparer.Ordinal));
    }

    [LinuxX64Fact]
    public void ReadVersionDefinitions_HostLibrary_HoldsTheFirstVersionAndItsOwnName()
    {
        var versions = HostVersions.Read([]);

        Assert.Contains("GLIBCXX_3.4", versions);
        Assert.Contains("CXXABI_1.3", versions);
        Assert.Contains("libstdc++.so.6", versions);
    }

    [LinuxX64Fact]
    public void IsVersionRelocated_MarkerVersion_IsNotButOrdinaryVersionIs()
    {
        var image = new ElfImage(Library, "library");
        var needs = image.ReadVersionNeeds();

        Assert.False(image.IsVersionRelocated(needs.Single(need => need.Version == Natives.VersionThatDebian12Lacks).Index));
        Assert.True(image.IsVersionRelocated(needs.Single(need => need.Version == "GLIBCXX_3.4.21").Index));
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is no library, but a text that is longer than the header of one would be")]
    public void Constructor_NoElfFile_NamesTheFile(string content)
    {
        var file = System.Text.Encoding.UTF8.GetBytes(content);

        var exception = Assert.Throws<BadImageFormatException>(() => new ElfImage(file, "some.so"));

        Assert.Contains("'some.so'", exception.Message, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void Constructor_32BitFile_IsRefused()
    {
        byte[] file = [.. Library];
        file[4] = 1;

        var exception = Assert.Throws<BadImageFormatException>(() => new ElfImage(file, "some.so"));

        Assert.Contains("64-bit", exception.Message, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void Read_TruncatedFile_IsRefusedAtEveryLength()
    {
        // The dynamic section lies in the last fifth of the file.
        foreach (var length in Enumerable.Range(0, 100).Concat(Enumerable.Range(1, 16).Select(i => i * Library.Length / 20)))
        {
            Assert.Throws<BadImageFormatException>(() => ReadAll(Library.AsSpan(0, length)));
        }
    }

    [LinuxX64Fact]
    public void Read_ChangedBytes_GiveAResultOrAFormatError()
    {
        byte[] file = [.. Library];
        var versions = new ElfImage(file, "library").ReadVersionNeeds()[0].FlagsOffset - 20;
        var dynamic = FindDynamicSection(file);
        (int Start, int Length)[] tables = [(0, 64), (64, 500), (versions, 0x210), (dynamic, 500)];
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < 3000; i++)
        {
            (var start, var length) = tables[i % tables.Length];
            var offset = start + random.Next(length);
            (var kept, file[offset]) = (file[offset], (byte)random.Next(256));
            try
            {
                ReadAll(file);
            }
            catch (BadImageFormatException)
            {
                refused++;
            }

            file[offset] = kept;
        }

        Assert.True(refused > 100, $"Only {refused} of 3000 changes were noticed; the changes miss the tables.");
    }

    private static int FindDynamicSection(byte[] file)
    {
        const int DynamicSegment = 2;
        var header = BitConverter.ToInt32(file, 32);
        while (BitConverter.ToInt32(file, header) != DynamicSegment)
        {
            header += 56;
        }

        return BitConverter.ToInt32(file, header + 8);
    }

    private static void ReadAll(ReadOnlySpan<byte> file)
    {
        var image = new ElfImage(file, "library");
        image.ReadVersionNeeds();
        image.IsVersionRelocated(ushort.MaxValue);
        image.ReadVersionDefinitions();
    }
}
