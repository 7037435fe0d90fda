using Mlps.ML;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;

namespace Mlps.Docs.Tests.Pages;

/// <summary>Options as a page wrote them, with networks and runs so small that a page takes seconds. Everything else stays.</summary>
public static class SmallNetworks
{
    private const double Width = 1.0 / 32;
    private const int Epochs = 2;
    private const int BatchSize = 8;

    /// <summary>The options of the patch classifier, or its defaults, made small.</summary>
    public static PatchClassifierOptions Shrink(PatchClassifierOptions? options)
    {
        options ??= new PatchClassifierOptions();
        return options with { Width = Width, Training = (options.Training ?? new PatchClassifierTrainingOptions()) with { Epochs = Epochs, BatchSize = BatchSize } };
    }

    /// <summary>The options of the segmenter, or its defaults, made small.</summary>
    public static GatedSegmenterOptions Shrink(GatedSegmenterOptions? options)
    {
        options ??= new GatedSegmenterOptions();
        return options with
        {
            Architecture = new SegmenterArchitecture { Backbone = BackboneKind.Compact, Width = 4 * Width },
            Training = (options.Training ?? new SegmenterTrainingOptions()) with { Epochs = Epochs, BatchSize = BatchSize },
        };
    }
}
