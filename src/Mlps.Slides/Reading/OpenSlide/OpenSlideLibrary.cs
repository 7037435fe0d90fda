using System.Runtime.InteropServices;

namespace Mlps.Slides;

/// <summary>The functions of OpenSlide that are used, found when they are first needed.</summary>
internal sealed unsafe class OpenSlideLibrary
{
    /// <summary>The environment variable that names the library's file.</summary>
    public const string Variable = "MLPS_OPENSLIDE";

    private static readonly Lazy<OpenSlideLibrary?> _instance = new(() => Load(Candidates()));

    private readonly delegate* unmanaged[Cdecl]<byte*> _version;
    private readonly delegate* unmanaged[Cdecl]<byte*, byte*> _detectVendor;
    private readonly delegate* unmanaged[Cdecl]<byte*, nint> _open;
    private readonly delegate* unmanaged[Cdecl]<nint, void> _close;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*> _error;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _levelCount;
    private readonly delegate* unmanaged[Cdecl]<nint, int, long*, long*, void> _levelDimensions;
    private readonly delegate* unmanaged[Cdecl]<nint, int, double> _levelDownsample;
    private readonly delegate* unmanaged[Cdecl]<nint, byte**> _propertyNames;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*> _propertyValue;
    private readonly delegate* unmanaged[Cdecl]<nint, uint*, long, long, int, long, long, void> _readRegion;

    private OpenSlideLibrary(nint library)
    {
        _version = (delegate* unmanaged[Cdecl]<byte*>)NativeLibrary.GetExport(library, "openslide_get_version");
        _detectVendor = (delegate* unmanaged[Cdecl]<byte*, byte*>)NativeLibrary.GetExport(library, "openslide_detect_vendor");
        _open = (delegate* unmanaged[Cdecl]<byte*, nint>)NativeLibrary.GetExport(library, "openslide_open");
        _close = (delegate* unmanaged[Cdecl]<nint, void>)NativeLibrary.GetExport(library, "openslide_close");
        _error = (delegate* unmanaged[Cdecl]<nint, byte*>)NativeLibrary.GetExport(library, "openslide_get_error");
        _levelCount = (delegate* unmanaged[Cdecl]<nint, int>)NativeLibrary.GetExport(library, "openslide_get_level_count");
        _levelDimensions = (delegate* unmanaged[Cdecl]<nint, int, long*, long*, void>)NativeLibrary.GetExport(library, "openslide_get_level_dimensions");
        _levelDownsample = (delegate* unmanaged[Cdecl]<nint, int, double>)NativeLibrary.GetExport(library, "openslide_get_level_downsample");
        _propertyNames = (delegate* unmanaged[Cdecl]<nint, byte**>)NativeLibrary.GetExport(library, "openslide_get_property_names");
        _propertyValue = (delegate* unmanaged[Cdecl]<nint, byte*, byte*>)NativeLibrary.GetExport(library, "openslide_get_property_value");
        _readRegion = (delegate* unmanaged[Cdecl]<nint, uint*, long, long, int, long, long, void>)NativeLibrary.GetExport(library, "openslide_read_region");
    }

    /// <summary>The library; null where it is not installed.</summary>
    public static OpenSlideLibrary? Instance => _instance.Value;

    /// <summary>How to install it.</summary>
    public static string Installation =>
        $"Install it: on Debian and Ubuntu by 'apt-get install libopenslide0' (newer releases: libopenslide1), with Homebrew by 'brew install openslide'; on Windows unpack the archive from https://openslide.org/download/ and add its folder bin to PATH. Or name its file in the environment variable {Variable}.";

    /// <summary>Its version, such as <c>3.4.1</c>.</summary>
    public string Version => Text(_version()) ?? string.Empty;

    /// <summary>Loads the first of some libraries that is there and has all functions; null where none has.</summary>
    public static OpenSlideLibrary? Load(IEnumerable<string> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var library))
            {
                try
                {
                    return new OpenSlideLibrary(library);
                }
                catch (EntryPointNotFoundException)
                {
                    NativeLibrary.Free(library);
                }
            }
        }

        return null;
    }

    /// <summary>The scanner's maker whose format the file has; null where OpenSlide knows none.</summary>
    public string? DetectVendor(string path)
    {
        fixed (byte* name = Bytes(path))
        {
            return Text(_detectVendor(name));
        }
    }

    public nint Open(string path)
    {
        fixed (byte* name = Bytes(path))
        {
            return _open(name);
        }
    }

    public void Close(nint slide) => _close(slide);

    /// <summary>What went wrong with a slide, for good; null where nothing has.</summary>
    public string? Error(nint slide) => Text(_error(slide));

    public int LevelCount(nint slide) => _levelCount(slide);

    public (long Width, long Height) LevelSize(nint slide, int level)
    {
        long width, height;
        _levelDimensions(slide, level, &width, &height);
        return (width, height);
    }

    public double LevelDownsample(nint slide, int level) => _levelDownsample(slide, level);

    public IReadOnlyDictionary<string, string> Properties(nint slide)
    {
        var properties = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var names = _propertyNames(slide); names is not null && *names is not null; names++)
        {
            properties[Text(*names)!] = Text(_propertyValue(slide, *names)) ?? string.Empty;
        }

        return properties;
    }

    /// <summary>Reads pixels as 0xAARRGGBB, multiplied by alpha.</summary>
    public void ReadRegion(nint slide, Span<uint> pixels, long x, long y, int level, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((long)pixels.Length, (long)width * height, nameof(pixels));
        fixed (uint* target = pixels)
        {
            _readRegion(slide, target, x, y, level, width, height);
        }
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return [named];
        }

        return OperatingSystem.IsWindows() ? ["libopenslide-1.dll", "libopenslide-0.dll"]
            : OperatingSystem.IsMacOS() ? from folder in (string[])["", "/opt/homebrew/lib/", "/usr/local/lib/"] from number in (int[])[1, 0] select $"{folder}libopenslide.{number}.dylib"
            : ["libopenslide.so.1", "libopenslide.so.0"];
    }

    /// <summary>UTF-8 with a zero at the end.</summary>
    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text + '\0');

    private static string? Text(byte* text) => Marshal.PtrToStringUTF8((nint)text);
}
