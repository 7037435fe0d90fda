using Mlps.Torch.Data;

namespace Mlps.ML.Synthetic;

/// <summary>Lymphocytes: sheets of small, dark, round nuclei with next to no cytoplasm.</summary>
internal sealed class LymphocyteTexture(ref RandomStream random) : TissueTexture
{
    private const float NucleusSpacing = 5.4f;

    private readonly SmoothNoise _matrix = new(random.NextDouble());
    private readonly SmoothNoise _chromatin = new(random.NextDouble());

    public override void Ground(StainMap stains, int pixel, int x, int y)
    {
        var matrix = _matrix.At(x * 0.2f, y * 0.2f);
        stains.Eosin[pixel] = 0.42f + (0.2f * matrix) + (0.06f * _matrix.Value(x, y));
        stains.Haematoxylin[pixel] = 0.12f + (0.08f * matrix);
    }

    public override void Cells(StainMap stains, in TissueRegion region, ref RandomStream random)
    {
        foreach (var (x, y) in Scatter(region, NucleusSpacing, 0.34f, ref random))
        {
            var radius = Between(1.35f, 1.85f, ref random);
            var nucleus = new Ellipse(x, y, radius, radius * Between(0.88f, 1, ref random), Between(0, MathF.PI, ref random));
            stains.Stamp(stains.Haematoxylin, nucleus, Between(1.2f, 1.6f, ref random), _chromatin, 0.25f, region.Tissue);
        }
    }
}
