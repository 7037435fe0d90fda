using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Mlps.Build;

/// <summary>The bytes of an assembly, in which the accessibility of single types and members is changed and nothing else.</summary>
/// <remarks>Offsets are those of ECMA-335 II.22: Flags are at 0 of a TypeDef row, at 0 of a Field row and at 6 of a MethodDef row.</remarks>
internal sealed class AssemblyPatch
{
    private const int MethodFlagsOffset = 6;

    private readonly byte[] _image;
    private readonly MetadataReader _metadata;
    private readonly int _metadataStart;
    private readonly Dictionary<string, TypeDefinitionHandle> _types = new(StringComparer.Ordinal);

    public AssemblyPatch(byte[] image)
    {
        _image = image;
        var file = new PEReader(new MemoryStream([.. image]));
        _metadata = file.GetMetadataReader();
        _metadataStart = file.PEHeaders.MetadataStartOffset;
        foreach (var handle in _metadata.TypeDefinitions)
        {
            _types[FullName(handle)] = handle;
        }
    }

    /// <summary>Makes one type, or every overload of one member, public. False: there is no such thing.</summary>
    public bool Publicize(MemberList.Line line)
    {
        if (!_types.TryGetValue(line.Type, out var handle))
        {
            return false;
        }

        if (line.Member is null)
        {
            PublicizeType(handle);
            return true;
        }

        var type = _metadata.GetTypeDefinition(handle);
        MethodDefinitionHandle[] methods =
        [
            .. type.GetMethods().Where(method => Named(_metadata.GetMethodDefinition(method).Name, line.Member)),
            .. type.GetProperties().Select(_metadata.GetPropertyDefinition).Where(property => Named(property.Name, line.Member))
                .Select(property => property.GetAccessors()).SelectMany(accessors => new[] { accessors.Getter, accessors.Setter })
                .Where(accessor => !accessor.IsNil),
        ];
        FieldDefinitionHandle[] fields = [.. type.GetFields().Where(field => Named(_metadata.GetFieldDefinition(field).Name, line.Member))];
        foreach (var method in methods)
        {
            SetAccess(TableIndex.MethodDef, method, MethodFlagsOffset, (ushort)MethodAttributes.MemberAccessMask, (ushort)MethodAttributes.Public);
        }

        foreach (var field in fields)
        {
            SetAccess(TableIndex.Field, field, 0, (ushort)FieldAttributes.FieldAccessMask, (ushort)FieldAttributes.Public);
        }

        return methods.Length + fields.Length > 0;
    }

    private void PublicizeType(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var access = type.IsNested ? TypeAttributes.NestedPublic : TypeAttributes.Public;
        SetAccess(TableIndex.TypeDef, handle, 0, (ushort)TypeAttributes.VisibilityMask, (ushort)access);
        if (type.IsNested)
        {
            PublicizeType(type.GetDeclaringType());
        }
    }

    private void SetAccess(TableIndex table, EntityHandle handle, int flagsOffset, ushort mask, ushort access)
    {
        var row = _metadata.GetTableMetadataOffset(table) + ((MetadataTokens.GetRowNumber(handle) - 1) * _metadata.GetTableRowSize(table));
        var flags = _image.AsSpan(_metadataStart + row + flagsOffset, sizeof(ushort));
        var value = (ushort)((BinaryPrimitives.ReadUInt16LittleEndian(flags) & ~mask) | access);
        BinaryPrimitives.WriteUInt16LittleEndian(flags, value);
    }

    private bool Named(StringHandle handle, string name) => _metadata.StringComparer.Equals(handle, name);

    private string FullName(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var name = _metadata.GetString(type.Name);
        return type.IsNested ? $"{FullName(type.GetDeclaringType())}+{name}"
            : type.Namespace.IsNil ? name : $"{_metadata.GetString(type.Namespace)}.{name}";
    }
}
