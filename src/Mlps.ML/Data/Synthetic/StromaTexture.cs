using Mlps.Torch.Data;

namespace Mlps.ML.Synthetic;

/// <summary>Connective tissue: wavy bundles of pink fibres with few, thin nuclei along them.</summary>
internal sealed class StromaTexture(ref RandomStream random) : TissueTexture
{
    private const float FibresPerPixel = 1f / 5.2f;
    private const float WaveLength = 34;
    private const float WaveDepth = 15;
    private const float NucleusSpacing = 13;

    private readonly float _cos = MathF.Cos((float)random.Next(0, Math.PI));
    private readonly bool _rising = random.NextBool();
    private readonly SmoothNoise _waves = new(random.NextDouble());
    private readonly SmoothNoise _strands = new(random.NextDouble());
    private readonly SmoothNoise _chromatin = new(random.NextDouble());

    public override void Ground(StainMap stains, int pixel, int x, int y)
    {
        var across = Across(x, y);
        var along = Along(x, y);
        var fibre = 0.5f + (0.5f * MathF.Sin(across * FibresPerPixel * MathF.Tau));
        var strand = _strands.At(across * 0.45f, along * 0.06f);
        stains.Eosin[pixel] = 0.5f + (0.2f * fibre) + (0.34f * strand) + (0.06f * _strands.Value(x, y));
        stains.Haematoxylin[pixel] = 0.04f + (0.07f * strand);
    }

    public override void Cells(StainMap stains, in TissueRegion region, ref RandomStream random)
    {
        foreach (var (x, y) in Scatter(region, NucleusSpacing, 0.4f, ref random))
        {
            var nucleus = new Ellipse(x, y, Between(3.4f, 5.4f, ref random), Between(0.8f, 1.2f, ref random), Direction(x, y) + Between(-0.2f, 0.2f, ref random));
            stains.Stamp(stains.Haematoxylin, nucleus, Between(0.8f, 1.15f, ref random), _chromatin, 0.3f, region.Tissue);
        }
    }

    private float Sin => (_rising ? 1 : -1) * MathF.Sqrt(1 - (_cos * _cos));

    private float Along(float x, float y) => (x * _cos) + (y * Sin);

    private float Across(float x, float y) => (y * _cos) - (x * Sin) + (WaveDepth * _waves.At(x / WaveLength, y / WaveLength));

    /// <summary>Where fibres go, which is where their crossing coordinate does not change.</summary>
    private float Direction(float x, float y)
    {
        float slopeX = Across(x + 1, y) - Across(x - 1, y), slopeY = Across(x, y + 1) - Across(x, y - 1);
        return MathF.Atan2(-slopeX, slopeY);
    }
}
