using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks.Backbones;
using Mlps.Torch.Runtime;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>DeepLab v3+ segmenter: encoder, atrous spatial pyramid pooling, decoder.</summary>
/// <remarks>Input [N, 3, H, W]; logits [N, C, H, W]. Layer names are the published checkpoints'. Chen et al. 2018.</remarks>
public sealed class DeepLabV3Plus : Module<Tensor, Tensor>
{
    private const int LowLevelStride = 4;

    private readonly SegmenterBackbone backbone;
    private readonly AtrousPyramid aspp;
    private readonly DeepLabDecoder decoder;
    private int _outputStride;

    /// <summary>Makes the network with random weights.</summary>
    /// <param name="classCount">C, the number of tissues; at least 1.</param>
    /// <param name="architecture">Backbone, output stride and width.</param>
    /// <param name="seed">What the weights are drawn from, by a generator of its own: the process's is not used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public DeepLabV3Plus(int classCount, SegmenterArchitecture architecture, long seed = 0)
        : this(classCount, architecture, (long?)seed)
    {
    }

    private DeepLabV3Plus(int classCount, SegmenterArchitecture architecture, long? seed)
        : base(nameof(DeepLabV3Plus))
    {
        using var state = ComputeScope.ForWeights();
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 1);
        ArgumentNullException.ThrowIfNull(architecture);
        ClassCount = classCount;
        Architecture = architecture;

        var width = ChannelWidth.Checked(architecture.Width);
        backbone = architecture.CreateBackbone(width);
        _outputStride = architecture.EffectiveOutputStride;
        var headWidth = ChannelWidth.Checked(architecture.Width * architecture.HeadWidth);
        var pyramidChannels = headWidth.Of(architecture.PyramidChannels);
        aspp = new AtrousPyramid(backbone.HighLevelChannels, pyramidChannels, architecture.DilationAt(_outputStride), architecture.ImagePooling, architecture.HeadDropout);
        decoder = new DeepLabDecoder(backbone.LowLevelChannels, headWidth.Of(architecture.ReducedLowLevelChannels), pyramidChannels, classCount, architecture.HeadDropout);
        RegisterComponents();
        if (seed is { } given)
        {
            Initialization.Draw(this, given);
        }

        ChannelsLast.LayWeights(this);
    }

    /// <summary>C, the number of tissues.</summary>
    public int ClassCount { get; }

    /// <summary>Backbone, output stride and width.</summary>
    public SegmenterArchitecture Architecture { get; }

    /// <summary>The encoder.</summary>
    internal SegmenterBackbone Backbone => backbone;

    /// <summary>How many times coarser the pyramid's features are than low-level ones; null where both span the image.</summary>
    internal int? PyramidFactor => backbone.HasFixedPlaces ? _outputStride / LowLevelStride : null;

    /// <summary>How many times coarser the logits are than the image before they are enlarged; null where they span it.</summary>
    internal int? LogitFactor => backbone.HasFixedPlaces ? LowLevelStride : null;

    /// <summary>The parameters that published training moves at the base learning rate.</summary>
    internal IEnumerable<TorchSharp.Modules.Parameter> BackboneParameters => backbone.parameters();

    /// <summary>The parameters of the pyramid and the decoder, which published training moves ten times as fast.</summary>
    internal IEnumerable<TorchSharp.Modules.Parameter> HeadParameters => aspp.parameters().Concat(decoder.parameters());

    /// <summary>A network whose weights are still to be loaded, all of them.</summary>
    internal static DeepLabV3Plus ToLoad(int classCount, SegmenterArchitecture architecture) => new(classCount, architecture, seed: null);

    /// <summary>Computes with the same weights at another output stride: the same features, at fewer or more places.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The encoder has only one.</exception>
    internal void Place(int outputStride)
    {
        if (outputStride != _outputStride)
        {
            backbone.Place(outputStride);
            aspp.Place(Architecture.DilationAt(outputStride));
            _outputStride = outputStride;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        this.Unfold();
        base.Dispose(disposing);
    }

    /// <summary>Logits [N, C, H, W] of images [N, 3, H, W].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (low, high) = backbone.forward(input.ToChannelsLast());
        var logits = decoder.forward(aspp.forward(high), low, PyramidFactor);

        // Resized in 32 bits: in 16 many pixels would tie.
        logits = logits.dtype is ScalarType.BFloat16 ? logits.to(ScalarType.Float32) : logits;
        var (height, width) = (input.shape[2], input.shape[3]);
        return (LogitFactor is { } factor ? FeatureGrid.Enlarge(logits, factor, height, width) : FeatureGrid.Stretch(logits, height, width)).MoveToOuterDisposeScope();
    }
}
