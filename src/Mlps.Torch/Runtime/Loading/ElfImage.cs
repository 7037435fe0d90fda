using System.Buffers.Binary;
using System.Text;

namespace Mlps.Torch.Runtime;

/// <summary>
/// The symbol versions of a 64-bit little-endian ELF shared object, read through its dynamic section as the dynamic linker does.
/// </summary>
/// <remarks>Every read is checked against the file's length: a malformed file gives a <see cref="BadImageFormatException"/>.</remarks>
internal readonly ref struct ElfImage
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int DynamicEntrySize = 16;
    private const int RelocationSize = 24;
    private const uint LoadSegment = 1;
    private const uint DynamicSegment = 2;
    private const ushort WeakFlag = 0x2;

    // A version index keeps its "hidden" mark in the top bit.
    private const ushort VersionIndexMask = 0x7fff;

    private readonly ReadOnlySpan<byte> _file;
    private readonly string _name;
    private readonly int _programHeaders;
    private readonly int _programHeaderCount;
    private readonly Dictionary<DynamicTag, ulong> _dynamic;

    /// <summary>Reads the headers and the dynamic section.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="BadImageFormatException">The file is no 64-bit little-endian ELF file with a dynamic section.</exception>
    public ElfImage(ReadOnlySpan<byte> file, string name)
    {
        _file = file;
        _name = name;
        if (file.Length < HeaderSize || !file.StartsWith("\u007fELF"u8))
        {
            throw Malformed("it does not start with an ELF header");
        }

        if (file[4] != 2 || file[5] != 1)
        {
            throw Malformed("it is not a 64-bit little-endian ELF file");
        }

        _programHeaders = Offset(UInt64(32), "program header table");
        _programHeaderCount = UInt16(56);
        if (_programHeaderCount > 0 && UInt16(54) != ProgramHeaderSize)
        {
            throw Malformed($"a program header has {UInt16(54)} bytes instead of {ProgramHeaderSize}");
        }

        _dynamic = ReadDynamicSection();
    }

    private enum DynamicTag : ulong
    {
        End = 0,
        PltRelocationSize = 2,
        StringTable = 5,
        Relocations = 7,
        RelocationSize = 8,
        StringTableSize = 10,
        PltRelocations = 23,
        SymbolVersions = 0x6ffffff0,
        VersionDefinitions = 0x6ffffffc,
        VersionNeeds = 0x6ffffffe,
    }

    /// <summary>The versions that the file needs of other libraries, in file order.</summary>
    /// <exception cref="BadImageFormatException">The tables point outside of the file.</exception>
    public IReadOnlyList<VersionNeed> ReadVersionNeeds()
    {
        var needs = new List<VersionNeed>();
        if (!_dynamic.TryGetValue(DynamicTag.VersionNeeds, out var address))
        {
            return needs;
        }

        // Every step moves forward by at least one byte, so that even a hostile chain ends at the end of the file.
        for (var need = FileOffset(address); ;)
        {
            var library = String(UInt32(need + 4));
            for (var auxiliary = Add(need, UInt32(need + 8)); ;)
            {
                var flags = UInt16(auxiliary + 4);
                var index = (ushort)(UInt16(auxiliary + 6) & VersionIndexMask);
                needs.Add(new VersionNeed(library, String(UInt32(auxiliary + 8)), index, (flags & WeakFlag) != 0, auxiliary + 4));
                var nextAuxiliary = UInt32(auxiliary + 12);
                if (nextAuxiliary == 0)
                {
                    break;
                }

                auxiliary = Add(auxiliary, nextAuxiliary);
            }

            var next = UInt32(need + 12);
            if (next == 0)
            {
                return needs;
            }

            need = Add(need, next);
        }
    }

    /// <summary>The names of the versions that the file defines.</summary>
    /// <exception cref="BadImageFormatException">The tables point outside of the file.</exception>
    public IReadOnlySet<string> ReadVersionDefinitions()
    {
        var versions = new HashSet<string>(StringComparer.Ordinal);
        if (!_dynamic.TryGetValue(DynamicTag.VersionDefinitions, out var address))
        {
            return versions;
        }

        for (var definition = FileOffset(address); ;)
        {
            var auxiliary = Add(definition, UInt32(definition + 12));
            versions.Add(String(UInt32(auxiliary)));
            var next = UInt32(definition + 16);
            if (next == 0)
            {
                return versions;
            }

            definition = Add(definition, next);
        }
    }

    /// <summary>Whether any relocation refers to a symbol of a version, in which case the version is truly needed.</summary>
    /// <param name="versionIndex"><see cref="VersionNeed.Index"/>.</param>
    /// <exception cref="BadImageFormatException">The tables point outside of the file.</exception>
    public bool IsVersionRelocated(ushort versionIndex)
    {
        return IsVersionRelocated(versionIndex, DynamicTag.Relocations, DynamicTag.RelocationSize)
            || IsVersionRelocated(versionIndex, DynamicTag.PltRelocations, DynamicTag.PltRelocationSize);
    }

    private bool IsVersionRelocated(ushort versionIndex, DynamicTag table, DynamicTag tableSize)
    {
        if (!_dynamic.TryGetValue(table, out var address) || !_dynamic.TryGetValue(DynamicTag.SymbolVersions, out var versions))
        {
            return false;
        }

        var start = FileOffset(address);
        var symbolVersions = FileOffset(versions);
        var end = Add(start, _dynamic.GetValueOrDefault(tableSize));
        for (var relocation = start; relocation + RelocationSize <= end; relocation += RelocationSize)
        {
            var symbol = UInt32(relocation + 12);
            if (symbol != 0 && (UInt16(Add(symbolVersions, 2UL * symbol)) & VersionIndexMask) == versionIndex)
            {
                return true;
            }
        }

        return false;
    }

    private Dictionary<DynamicTag, ulong> ReadDynamicSection()
    {
        for (var i = 0; i < _programHeaderCount; i++)
        {
            var header = Add(_programHeaders, (ulong)i * ProgramHeaderSize);
            if (UInt32(header) != DynamicSegment)
            {
                continue;
            }

            var entries = new Dictionary<DynamicTag, ulong>();
            var start = Offset(UInt64(header + 8), "dynamic section");
            var end = Add(start, UInt64(header + 32));
            for (var entry = start; entry + DynamicEntrySize <= end; entry += DynamicEntrySize)
            {
                var tag = (DynamicTag)UInt64(entry);
                if (tag == DynamicTag.End)
                {
                    break;
                }

                entries[tag] = UInt64(entry + 8);
            }

            return entries;
        }

        throw Malformed("it has no dynamic section");
    }

    private int FileOffset(ulong address)
    {
        for (var i = 0; i < _programHeaderCount; i++)
        {
            var header = Add(_programHeaders, (ulong)i * ProgramHeaderSize);
            var segment = UInt64(header + 16);
            if (UInt32(header) == LoadSegment && address >= segment && address - segment < UInt64(header + 32))
            {
                return Add(Offset(UInt64(header + 8), "segment"), address - segment);
            }
        }

        throw Malformed($"no segment of the file holds address 0x{address:x}");
    }

    private string String(uint index)
    {
        if (!_dynamic.TryGetValue(DynamicTag.StringTable, out var address) || index >= _dynamic.GetValueOrDefault(DynamicTag.StringTableSize))
        {
            throw Malformed($"string {index} lies outside of the string table");
        }

        var rest = _file[Add(FileOffset(address), index)..];
        var length = rest.IndexOf((byte)0);
        return length >= 0 ? Encoding.UTF8.GetString(rest[..length]) : throw Malformed($"string {index} does not end");
    }

    private ushort UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(offset, sizeof(ushort)));

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(offset, sizeof(uint)));

    private ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(offset, sizeof(ulong)));

    private ReadOnlySpan<byte> Bytes(int offset, int count)
    {
        return offset >= 0 && offset <= _file.Length - count
            ? _file.Slice(offset, count)
            : throw Malformed($"it ends at byte {_file.Length}, where bytes {offset} to {(long)offset + count} are expected");
    }

    private int Add(int offset, ulong distance) =>
        distance <= (ulong)(_file.Length - offset) ? offset + (int)distance : throw Malformed($"an offset of {distance} from byte {offset} leads out of the file");

    private int Offset(ulong offset, string what) =>
        offset <= (ulong)_file.Length ? (int)offset : throw Malformed($"its {what} lies at byte {offset}, after its end");

    private BadImageFormatException Malformed(string what) => new($"'{_name}' is malformed: {what}.", _name);
}
