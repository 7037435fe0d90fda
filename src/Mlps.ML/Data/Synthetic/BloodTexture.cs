using Mlps.Torch.Data;

namespace Mlps.ML.Synthetic;

/// <summary>Blood: crowded red discs, paler in the middle, and no nuclei.</summary>
internal sealed class BloodTexture(ref RandomStream random) : TissueTexture
{
    private const float DiscSpacing = 5.6f;

    private readonly SmoothNoise _plasma = new(random.NextDouble());

    public override void Ground(StainMap stains, int pixel, int x, int y)
    {
        stains.Eosin[pixel] = 0.42f + (0.12f * _plasma.At(x * 0.15f, y * 0.15f));
        stains.Haemoglobin[pixel] = 0.15f;
    }

    public override void Cells(StainMap stains, in TissueRegion region, ref RandomStream random)
    {
        foreach (var (x, y) in Scatter(region, DiscSpacing, 0.32f, ref random))
        {
            float radius = Between(1.7f, 2.2f, ref random), angle = Between(0, MathF.PI, ref random);
            var disc = new Ellipse(x, y, radius, radius * Between(0.7f, 1, ref random), angle);
            stains.Stamp(stains.Haemoglobin, disc, Between(0.75f, 0.95f, ref random), _plasma, 0.1f, region.Tissue);
            stains.Stamp(stains.Haemoglobin, disc with { Along = disc.Along * 0.35f, Across = disc.Across * 0.35f }, 0.6f, _plasma, 0.05f, region.Tissue);
        }
    }
}
