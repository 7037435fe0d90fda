using System.Buffers.Binary;

namespace Mlps.Torch.Runtime;

/// <summary>
/// Decides whether a host can load TorchSharp's native library as it is, and otherwise makes the one version weak that the host lacks.
/// </summary>
/// <remarks>
/// The library asks libstdc++ for <c>GLIBCXX_3.4.32</c> (GCC 13), which Debian 12 and Ubuntu 22.04 lack. The only symbol behind that
/// version, <c>std::ios_base_library_init()</c>, is a marker of the C++ headers: no relocation refers to it and nothing calls it. With
/// <c>VER_FLG_WEAK</c> set on the version the dynamic linker loads the library without it.
/// </remarks>
internal static class WeakVersionPatch
{
    /// <summary>The library whose versions decide.</summary>
    public const string StandardLibrary = "libstdc++.so.6";

    private const ushort WeakFlag = 0x2;

    /// <summary>The versions of libstdc++ that a library needs and the host lacks; empty where the library loads unchanged.</summary>
    /// <param name="library">The library's bytes.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="hostVersions">The versions that the host's libstdc++ defines.</param>
    /// <exception cref="BadImageFormatException">The library is no well-formed ELF file.</exception>
    public static IReadOnlyList<VersionNeed> FindMissing(ReadOnlySpan<byte> library, string name, IReadOnlySet<string> hostVersions)
    {
        return [.. new ElfImage(library, name).ReadVersionNeeds()
            .Where(need => need.Library == StandardLibrary && !need.IsWeak && !hostVersions.Contains(need.Version))];
    }

    /// <summary>A copy of a library in which some version needs are weak; nothing but their flags differs.</summary>
    /// <param name="library">The library's bytes.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="missing">The needs, from <see cref="FindMissing"/>.</param>
    /// <exception cref="NotSupportedException">The library really uses a symbol of one of them.</exception>
    /// <exception cref="BadImageFormatException">The library is no well-formed ELF file.</exception>
    public static byte[] Apply(ReadOnlySpan<byte> library, string name, IReadOnlyList<VersionNeed> missing)
    {
        var image = new ElfImage(library, name);
        var copy = library.ToArray();
        foreach (var need in missing)
        {
            if (image.IsVersionRelocated(need.Index))
            {
                throw new NotSupportedException(
                    $"'{name}' uses symbols of {need.Version}, which this machine's {need.Library} lacks. "
                    + "Install a newer libstdc++6 (GCC 13 or later for GLIBCXX_3.4.32), or run on a newer distribution.");
            }

            var flags = copy.AsSpan(need.FlagsOffset, sizeof(ushort));
            BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | WeakFlag));
        }

        return copy;
    }
}
