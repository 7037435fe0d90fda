using Mlps.Torch.Data;

namespace Mlps.Torch.Validation;

/// <summary>Cuts masked images into patches of the training patches' size, labelled by what their masks hold.</summary>
internal static class PatchTiles
{
    /// <summary>A store of the tiles with image, label and mask; the caller disposes it.</summary>
    /// <remarks>Tiles without any tissue are left out.</remarks>
    /// <param name="images">Images with one mask each.</param>
    /// <param name="patchSize">Height and width of a tile; the images' where they are smaller.</param>
    /// <param name="classCount">C.</param>
    /// <param name="labelShare">The share of a tile's pixels from which a class counts as occurring.</param>
    public static PatchStore Cut(PatchStore images, (int Height, int Width) patchSize, int classCount, double labelShare)
    {
        var source = images.Layout;
        var layout = new PatchLayout(Math.Min(source.Height, patchSize.Height), Math.Min(source.Width, patchSize.Width), classCount, MaskCount: 1);
        var tiles = new PatchStore(layout);
        var mask = new byte[layout.PixelCount];
        for (var i = 0; i < images.Count; i++)
        {
            foreach (var top in Starts(source.Height, layout.Height))
            {
                foreach (var left in Starts(source.Width, layout.Width))
                {
                    CopyPlane(images.Mask(i, 0), source.Width, top, left, mask, layout);
                    var label = Label(mask, classCount, labelShare);
                    if (Array.Exists(label, present => present != 0))
                    {
                        AddTile(tiles, images.Image(i), source, top, left, mask, label);
                    }
                }
            }
        }

        return tiles;
    }

    /// <summary>As many tiles as fit side by side, spread evenly.</summary>
    private static IEnumerable<int> Starts(int length, int tile)
    {
        var count = Math.Max(1, length / tile);
        return Enumerable.Range(0, count).Select(i => count == 1 ? (length - tile) / 2 : i * (length - tile) / (count - 1));
    }

    private static byte[] Label(byte[] mask, int classCount, double labelShare)
    {
        var counts = new int[byte.MaxValue + 1];
        foreach (var value in mask)
        {
            counts[value]++;
        }

        return [.. Enumerable.Range(0, classCount).Select(c => counts[c] > 0 && counts[c] >= labelShare * mask.Length ? (byte)1 : (byte)0)];
    }

    private static void AddTile(PatchStore tiles, ReadOnlySpan<byte> image, PatchLayout source, int top, int left, byte[] mask, byte[] label)
    {
        var layout = tiles.Layout;
        var index = tiles.Add();
        for (var channel = 0; channel < 3; channel++)
        {
            CopyPlane(
                image.Slice(channel * source.PixelCount, source.PixelCount),
                source.Width,
                top,
                left,
                tiles.Image(index).Slice(channel * layout.PixelCount, layout.PixelCount),
                layout);
        }

        label.CopyTo(tiles.Label(index));
        mask.CopyTo(tiles.Mask(index, 0));
    }

    private static void CopyPlane(ReadOnlySpan<byte> plane, int width, int top, int left, Span<byte> tile, PatchLayout layout)
    {
        for (var y = 0; y < layout.Height; y++)
        {
            plane.Slice(((top + y) * width) + left, layout.Width).CopyTo(tile.Slice(y * layout.Width, layout.Width));
        }
    }
}
