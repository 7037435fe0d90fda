using Mlps.ML.Png;
using Mlps.Torch;

namespace Mlps.ML;

/// <summary>The sizes in the headers of a split's images and masks.</summary>
/// <param name="Readable">Patches whose headers can be read, in the order given.</param>
/// <param name="Size">The size of every image, in pixels.</param>
/// <param name="Damaged">The others.</param>
internal sealed record PatchHeaders(TissuePatch[] Readable, (int Height, int Width) Size, IReadOnlyList<DamagedPatch> Damaged)
{
    /// <summary>Files that are read side by side before the next ones.</summary>
    private const int BlockLength = 4096;

    /// <summary>Reads the headers of images and masks.</summary>
    /// <param name="patches">At least one patch.</param>
    /// <param name="folder">The split's folder, for messages.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="OperationCanceledException">The reading was stopped.</exception>
    /// <exception cref="TissueDataException">No header can be read, or sizes differ.</exception>
    public static PatchHeaders Read(TissuePatch[] patches, string folder, CancellationToken cancellation)
    {
        var readable = new List<TissuePatch>(patches.Length);
        var damaged = new List<DamagedPatch>();
        PngHeader first = default;
        var block = new Found[Math.Min(BlockLength, patches.Length)];
        for (var start = 0; start < patches.Length; start += BlockLength)
        {
            var offset = start;
            var count = Math.Min(BlockLength, patches.Length - start);
            ParallelLoop.For(count, index => block[index] = Find(patches[offset + index]), cancellation);
            for (var index = 0; index < count; index++)
            {
                var (patch, found) = (patches[start + index], block[index]);
                if (found.Fault is { } fault)
                {
                    damaged.Add(new DamagedPatch(patch, fault));
                    continue;
                }

                first = readable.Count == 0 ? found.Image : first;
                RequireSize(patch, found.Image, first, readable.Count == 0 ? patch : readable[0]);
                RequireMaskSize(patch, found.Mask, found.Image);
                readable.Add(patch);
            }
        }

        return readable.Count > 0 ? new PatchHeaders(damaged.Count == 0 ? patches : [.. readable], (first.Height, first.Width), damaged) : throw NothingReadable(folder, damaged);
    }

    /// <summary>Whether a header that could not be read can be read now.</summary>
    public static bool IsReadable(TissuePatch patch) => Find(patch).Fault is null;

    /// <summary>What to throw where a split has nothing that can be read.</summary>
    public static TissueDataException NothingReadable(string folder, IReadOnlyList<DamagedPatch> damaged) =>
        new(folder, $"None of its {damaged.Count} images can be read; the first: {damaged[0].Reason}", "Copy the dataset again.");

    private static void RequireSize(TissuePatch patch, PngHeader image, PngHeader first, TissuePatch firstPatch)
    {
        if ((image.Width, image.Height) != (first.Width, first.Height))
        {
            throw new TissueDataException(
                patch.ImagePath,
                $"The image is {image.Width} x {image.Height} pixels, and {firstPatch.ImagePath} is {first.Width} x {first.Height}.",
                "The images of a split have one size: cut them alike, or put one of the two aside.");
        }
    }

    private static void RequireMaskSize(TissuePatch patch, PngHeader? mask, PngHeader image)
    {
        if (mask is { } header && (header.Width, header.Height) != (image.Width, image.Height))
        {
            throw new TissueDataException(
                patch.MaskPath!,
                $"The mask is {header.Width} x {header.Height} pixels, and its image {image.Width} x {image.Height}.",
                "A mask has the size of its image.");
        }
    }

    private static Found Find(TissuePatch patch)
    {
        try
        {
            return new Found(PngHeader.Read(patch.ImagePath), patch.MaskPath is { } mask ? PngHeader.Read(mask) : null, Fault: null);
        }
        catch (TissueDataException exception)
        {
            return new Found(default, Mask: null, exception.Message);
        }
    }

    /// <summary>The headers of a patch, or what is wrong with one of them.</summary>
    private readonly record struct Found(PngHeader Image, PngHeader? Mask, string? Fault);
}
