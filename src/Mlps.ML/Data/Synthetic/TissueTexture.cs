using Mlps.Torch.Data;

namespace Mlps.ML.Synthetic;

/// <summary>What one tissue looks like: the ground between its cells, and the cells.</summary>
internal abstract class TissueTexture
{
    /// <summary>Shapes begin this far outside the patch, so that its rim looks like its middle.</summary>
    private const float Margin = 6;


    /// <summary>Stains one pixel.</summary>
    public abstract void Ground(StainMap stains, int pixel, int x, int y);

    /// <summary>Lays cells over the ground.</summary>
    public abstract void Cells(StainMap stains, in TissueRegion region, ref RandomStream random);

    /// <summary>Places at about equal distances within the tissue, none of them in line.</summary>
    protected static List<(float X, float Y)> Scatter(in TissueRegion region, float spacing, float disorder, ref RandomStream random)
    {
        var places = new List<(float, float)>();
        var row = 0;
        for (var y = -Margin; y < region.Size + Margin; y += spacing * 0.87f, row++)
        {
            for (var x = -Margin + (row % 2 * spacing / 2); x < region.Size + Margin; x += spacing)
            {
                var placeX = x + (spacing * disorder * ((float)random.NextDouble() - 0.5f) * 2);
                var placeY = y + (spacing * disorder * ((float)random.NextDouble() - 0.5f) * 2);
                if (region.Covers(placeX, placeY))
                {
                    places.Add((placeX, placeY));
                }
            }
        }

        return places;
    }

    protected static float Between(float lowest, float highest, ref RandomStream random) => (float)random.Next(lowest, highest);
}
