namespace Mlps.Torch.Runtime;

/// <summary>One symbol version that an ELF file needs of another library (<c>Elf64_Vernaux</c>).</summary>
/// <param name="Library">The library, as in DT_NEEDED: <c>libstdc++.so.6</c>.</param>
/// <param name="Version">The version's name: <c>GLIBCXX_3.4.32</c>.</param>
/// <param name="Index">The number by which <c>.gnu.version</c> refers to it.</param>
/// <param name="IsWeak">Whether the dynamic linker goes on when the library lacks the version.</param>
/// <param name="FlagsOffset">Where in the file the 16-bit <c>vna_flags</c> are.</param>
internal readonly record struct VersionNeed(string Library, string Version, ushort Index, bool IsWeak, int FlagsOffset);
