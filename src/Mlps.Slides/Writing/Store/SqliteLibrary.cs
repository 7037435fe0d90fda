using System.Runtime.InteropServices;

namespace Mlps.Slides;

/// <summary>The functions of the system's SQLite that writing a file needs.</summary>
internal sealed unsafe class SqliteLibrary
{
    private static readonly Lazy<SqliteLibrary?> _loaded = new(Load);

    private SqliteLibrary(nint library)
    {
        Open = (delegate* unmanaged<byte*, nint*, int, byte*, int>)NativeLibrary.GetExport(library, "sqlite3_open_v2");
        Close = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "sqlite3_close_v2");
        Execute = (delegate* unmanaged<nint, byte*, nint, nint, nint, int>)NativeLibrary.GetExport(library, "sqlite3_exec");
        Prepare = (delegate* unmanaged<nint, byte*, int, nint*, nint, int>)NativeLibrary.GetExport(library, "sqlite3_prepare_v2");
        BindInteger = (delegate* unmanaged<nint, int, long, int>)NativeLibrary.GetExport(library, "sqlite3_bind_int64");
        BindText = (delegate* unmanaged<nint, int, byte*, int, nint, int>)NativeLibrary.GetExport(library, "sqlite3_bind_text");
        BindBytes = (delegate* unmanaged<nint, int, byte*, int, nint, int>)NativeLibrary.GetExport(library, "sqlite3_bind_blob");
        Step = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "sqlite3_step");
        Reset = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "sqlite3_reset");
        Finish = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "sqlite3_finalize");
        Message = (delegate* unmanaged<nint, byte*>)NativeLibrary.GetExport(library, "sqlite3_errmsg");
    }

    /// <summary>What is missing and how to install it.</summary>
    public static string Installation => "SQLite was not found, which annotation stores are written with. On Debian and Ubuntu: apt-get install libsqlite3-0. macOS and Windows 10 have it.";

    /// <summary>Whether the machine has SQLite.</summary>
    public static bool IsThere => _loaded.Value is not null;

    /// <summary>The library.</summary>
    /// <exception cref="DllNotFoundException">The machine has none.</exception>
    public static SqliteLibrary Instance => _loaded.Value ?? throw new DllNotFoundException(Installation);

    public delegate* unmanaged<byte*, nint*, int, byte*, int> Open { get; }

    public delegate* unmanaged<nint, int> Close { get; }

    public delegate* unmanaged<nint, byte*, nint, nint, nint, int> Execute { get; }

    public delegate* unmanaged<nint, byte*, int, nint*, nint, int> Prepare { get; }

    public delegate* unmanaged<nint, int, long, int> BindInteger { get; }

    public delegate* unmanaged<nint, int, byte*, int, nint, int> BindText { get; }

    public delegate* unmanaged<nint, int, byte*, int, nint, int> BindBytes { get; }

    public delegate* unmanaged<nint, int> Step { get; }

    public delegate* unmanaged<nint, int> Reset { get; }

    public delegate* unmanaged<nint, int> Finish { get; }

    public delegate* unmanaged<nint, byte*> Message { get; }

    private static SqliteLibrary? Load()
    {
        foreach (var name in (string[])["libsqlite3.so.0", "libsqlite3.dylib", "winsqlite3.dll", "sqlite3"])
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                try
                {
                    return new SqliteLibrary(library);
                }
                catch (EntryPointNotFoundException)
                {
                    NativeLibrary.Free(library);
                }
            }
        }

        return null;
    }
}
