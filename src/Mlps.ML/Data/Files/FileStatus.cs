using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Mlps.ML;

/// <summary>What a path leads to, links followed, and which file or folder it is, whatever paths lead to it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Identity">Equal for the same file or folder: device and inode on Linux, else the path without links. Null where there is none.</param>
internal readonly partial record struct FileStatus(FileKind Kind, string? Identity)
{
    private const int WorkingDirectory = -100;
    private const uint TypeAndInode = 0x101;
    private const int BufferLength = 256;
    private const int ModeOffset = 28, InodeOffset = 32, DeviceMajorOffset = 136, DeviceMinorOffset = 140;
    private const int TypeMask = 0xF000, RegularType = 0x8000, FolderType = 0x4000;
    private const int NoSuchFile = 2, NoAccess = 13, NotAFolder = 20, TooLong = 36, LinkLoop = 40;

    private static volatile bool _hasStatx = OperatingSystem.IsLinux();

    /// <summary>Looks at a path without opening it.</summary>
    public static FileStatus Read(string path) => _hasStatx && ReadLinux(path) is { } status ? status : ReadPortable(path);

    /// <summary>Refuses what may never end.</summary>
    /// <exception cref="TissueDataException">The path leads to a pipe, socket or device.</exception>
    public static void RequireNotSpecial(string path)
    {
        if (Read(path).Kind is FileKind.Special)
        {
            throw new TissueDataException(path, "This is a pipe, socket or device, and no file.", "Give a regular file.");
        }
    }

    /// <summary>What .NET's own calls tell of a file.</summary>
    /// <remarks>They do not tell its kind: pipes, sockets and devices have no length; neither have empty files, of which nothing can be read.</remarks>
    internal static FileStatus ReadPortable(string path)
    {
        try
        {
            var real = RealPath.Resolve(path);
            if (Directory.Exists(real))
            {
                return new FileStatus(FileKind.Folder, real);
            }

            var file = new FileInfo(real);
            return !file.Exists ? new FileStatus(FileKind.Missing, null)
                : file.Attributes.HasFlag(FileAttributes.Device) || (file.Length == 0 && !OperatingSystem.IsWindows()) ? new FileStatus(FileKind.Special, real)
                : new FileStatus(FileKind.Regular, real);
        }
        catch (UnauthorizedAccessException)
        {
            return new FileStatus(FileKind.Forbidden, null);
        }
        catch (IOException)
        {
            return new FileStatus(FileKind.Missing, null);
        }
    }

    private static unsafe FileStatus? ReadLinux(string path)
    {
        Span<byte> buffer = stackalloc byte[BufferLength];
        try
        {
            fixed (byte* bytes = buffer)
            {
                if (Statx(WorkingDirectory, path, flags: 0, TypeAndInode, bytes) != 0)
                {
                    return Marshal.GetLastPInvokeError() switch
                    {
                        NoSuchFile or NotAFolder or LinkLoop or TooLong => new FileStatus(FileKind.Missing, null),
                        NoAccess => new FileStatus(FileKind.Forbidden, null),
                        _ => null, // A sandbox that does not know the call.
                    };
                }
            }
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            _hasStatx = false;
            return null;
        }

        var kind = (BinaryPrimitives.ReadUInt16LittleEndian(buffer[ModeOffset..]) & TypeMask) switch
        {
            RegularType => FileKind.Regular,
            FolderType => FileKind.Folder,
            _ => FileKind.Special,
        };
        var inode = BinaryPrimitives.ReadUInt64LittleEndian(buffer[InodeOffset..]);
        return new FileStatus(kind, $"{BinaryPrimitives.ReadUInt32LittleEndian(buffer[DeviceMajorOffset..])}:{BinaryPrimitives.ReadUInt32LittleEndian(buffer[DeviceMinorOffset..])}:{inode}");
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* status);
}
