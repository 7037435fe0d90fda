namespace Mlps.ML;

/// <summary>Which files are images, by the ends of their names.</summary>
internal static class ImageFormats
{
    /// <summary>What datasets are made of: JPEG changes colours and would spoil masks.</summary>
    public static readonly IReadOnlyList<string> PngOnly = [".png"];

    /// <summary>What is read of folders of images.</summary>
    /// <remarks><c>.jfif</c>, <c>.jpe</c> and <c>.jif</c> are JPEG by other names.</remarks>
    public static readonly IReadOnlyList<string> AnyImage = [".png", ".jpg", ".jpeg", ".jfif", ".jpe", ".jif", ".bmp", ".webp"];

    private static readonly HashSet<string> _others = new(StringComparer.OrdinalIgnoreCase)
    {
        // Single images.
        ".tif", ".tiff", ".gif", ".heic", ".heif", ".avif", ".jp2", ".j2k", ".jpf", ".jpx", ".jpc", ".jxl", ".jxr", ".wdp", ".ico", ".tga", ".pcx", ".ppm", ".pgm", ".pbm", ".pnm", ".pam", ".apng", ".mng", ".dib",
        ".psd", ".psb", ".xcf", ".svg", ".eps", ".pdf", ".exr", ".hdr", ".dds", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raw", ".npy", ".npz", ".mat", ".h5", ".hdf5", ".nii", ".mha", ".mhd", ".nrrd",

        // Slides and microscopes.
        ".svs", ".svslide", ".ndpi", ".ndpis", ".scn", ".mrxs", ".vms", ".vmu", ".bif", ".czi", ".lif", ".nd2", ".oib", ".oif", ".oir", ".vsi", ".ets", ".qptiff", ".isyntax", ".kfb", ".sdpc", ".tmap", ".zvi", ".stk", ".lsm", ".flex",
        ".dcm", ".dicom", ".ima", ".zarr", ".btf", ".jpg2000",
    };

    public static bool Is(IReadOnlyList<string> extensions, string path) => extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a file that is not read is an image nevertheless.</summary>
    public static bool IsOther(string path) => _others.Contains(Path.GetExtension(path)) || Is(AnyImage, path);
}
