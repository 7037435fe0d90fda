using Mlps.Torch.Data;

namespace Mlps.ML.Synthetic;

/// <summary>Glandular epithelium: rings of large, crowded, uneven nuclei around lumina.</summary>
internal sealed class TumorTexture(ref RandomStream random) : TissueTexture
{
    private const float GlandSpacing = 24;
    private const float RingDistance = 4.2f;
    private const float RingSpacing = 5.4f;
    private const float NucleusSpacing = 5f;
    private const int Rings = 2;

    private readonly SmoothNoise _cytoplasm = new(random.NextDouble());
    private readonly SmoothNoise _chromatin = new(random.NextDouble());

    public override void Ground(StainMap stains, int pixel, int x, int y)
    {
        var streaks = _cytoplasm.At(x * 0.25f, y * 0.25f);
        stains.Eosin[pixel] = 0.5f + (0.22f * streaks) + (0.1f * _cytoplasm.Value(x, y));
        stains.Haematoxylin[pixel] = 0.26f + (0.16f * streaks);
    }

    public override void Cells(StainMap stains, in TissueRegion region, ref RandomStream random)
    {
        foreach (var (x, y) in Scatter(region, GlandSpacing, 0.24f, ref random))
        {
            var lumen = new Ellipse(x, y, Between(2.4f, 4.6f, ref random), Between(2f, 3.3f, ref random), Between(0, MathF.PI, ref random));
            for (var ring = Rings - 1; ring >= 0; ring--)
            {
                Ring(stains, region, lumen, RingDistance + (ring * RingSpacing), ref random);
            }

            stains.Stamp(stains.Haematoxylin, lumen, 0.05f, _chromatin, 0.04f, region.Tissue);
            stains.Stamp(stains.Eosin, lumen, 0.54f, _chromatin, 0.08f, region.Tissue);
        }
    }

    private void Ring(StainMap stains, in TissueRegion region, in Ellipse lumen, float distance, ref RandomStream random)
    {
        float along = lumen.Along + distance, across = lumen.Across + distance;
        var count = (int)(MathF.PI * (along + across) / NucleusSpacing);
        var turn = Between(0, MathF.Tau, ref random);
        for (var i = 0; i < count; i++)
        {
            var angle = turn + ((i + Between(-0.25f, 0.25f, ref random)) * MathF.Tau / count);
            float u = along * MathF.Cos(angle), v = across * MathF.Sin(angle);
            float cos = MathF.Cos(lumen.Angle), sin = MathF.Sin(lumen.Angle);
            float x = lumen.X + (u * cos) - (v * sin), y = lumen.Y + (u * sin) + (v * cos);
            if (region.Covers(x, y))
            {
                var nucleus = new Ellipse(x, y, Between(2.3f, 3.2f, ref random), Between(1.5f, 2.1f, ref random), angle + lumen.Angle);
                stains.Stamp(stains.Haematoxylin, nucleus, Between(0.75f, 1.15f, ref random), _chromatin, 0.55f, region.Tissue);
            }
        }
    }
}
