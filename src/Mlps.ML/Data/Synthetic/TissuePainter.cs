using Mlps.Torch.Data;

namespace Mlps.ML.Synthetic;

/// <summary>Paints the tissues of a region map: the ground of each, then its nuclei, then stain and optics.</summary>
internal static class TissuePainter
{
    /// <summary>RGB bytes [size, size, 3] of class indices 0..C-1 and C, white slide.</summary>
    public static byte[] Paint(int size, ReadOnlySpan<byte> map, int classCount, ref RandomStream random)
    {
        var stains = new StainMap(size);
        TissueTexture[] textures =
        [
            new TumorTexture(ref random),
            new StromaTexture(ref random),
            new LymphocyteTexture(ref random),
            new NecrosisTexture(ref random),
            new BloodTexture(ref random),
        ];
        var tissue = new bool[map.Length];
        var present = new bool[textures.Length];
        for (var pixel = 0; pixel < map.Length; pixel++)
        {
            var index = map[pixel];
            tissue[pixel] = index < classCount;
            if (tissue[pixel])
            {
                present[index] = true;
                textures[index].Ground(stains, pixel, pixel % size, pixel / size);
            }
        }

        for (var index = 0; index < textures.Length; index++)
        {
            if (present[index])
            {
                textures[index].Cells(stains, new TissueRegion(map, tissue, (byte)index, size), ref random);
            }
        }

        return Optics.Develop(stains, ref random);
    }
}
