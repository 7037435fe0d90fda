using Mlps.Torch.Data;

namespace Mlps.ML.Synthetic;

/// <summary>Necrosis: pale, granular, without structure, with the dust of broken nuclei.</summary>
internal sealed class NecrosisTexture(ref RandomStream random) : TissueTexture
{
    private const float DebrisSpacing = 7;
    private const double DebrisFraction = 0.55;

    private readonly SmoothNoise _granules = new(random.NextDouble());
    private readonly SmoothNoise _clouds = new(random.NextDouble());

    public override void Ground(StainMap stains, int pixel, int x, int y)
    {
        var granule = (0.6f * _granules.At(x * 0.55f, y * 0.55f)) + (0.4f * _granules.Value(x, y));
        var cloud = _clouds.At(x * 0.06f, y * 0.06f);
        stains.Eosin[pixel] = 0.5f + (0.42f * granule) + (0.14f * cloud);
        stains.Haematoxylin[pixel] = 0.06f + (0.16f * granule * cloud);
    }

    public override void Cells(StainMap stains, in TissueRegion region, ref RandomStream random)
    {
        foreach (var (x, y) in Scatter(region, DebrisSpacing, 0.5f, ref random))
        {
            if (random.NextDouble() < DebrisFraction)
            {
                var radius = Between(0.5f, 1.1f, ref random);
                stains.Stamp(stains.Haematoxylin, new Ellipse(x, y, radius, radius, 0), Between(0.45f, 1, ref random), _granules, 0.2f, region.Tissue);
            }
        }
    }
}
