using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>A network that says which tissues occur in a patch, and whose layers can tell where.</summary>
/// <remarks>
/// Input [N, 3, H, W]; logits [N, C], a 1x1 convolution of the spatial mean of the last features. Feature maps have an eighth of the image's height and
/// width, rounded up.
/// </remarks>
public abstract class ClassifierNetwork : Module<Tensor, Tensor>
{
    /// <summary>The features' height and width are the image's divided by this.</summary>
    public const int OutputStride = 8;

    /// <summary>The widest network accepted; four times the published channels is 16 times its parameters.</summary>
    public const double MaximumWidth = 4;

    private protected ClassifierNetwork(string name, int classCount, double width)
        : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 1);
        (ClassCount, Width) = (classCount, ChannelWidth.Checked(width).Factor);
    }

    /// <summary>C, the number of tissues.</summary>
    public int ClassCount { get; }

    /// <summary>Factor on every channel count; 1 is the published network.</summary>
    public double Width { get; }

    /// <summary>Which network it is.</summary>
    public abstract ClassifierEncoder Encoder { get; }

    /// <summary>The layers that activation maps can be taken from, in the order of depth; the head classifies the last one.</summary>
    internal IReadOnlyList<ActivationLayer> LayersByDepth => ActivationLayers.ByDepth(Encoder);

    /// <summary>The last layer, a 1x1 convolution without bias [C, channels, 1, 1].</summary>
    internal abstract Conv2d Head { get; }

    /// <summary>The head's name in checkpoints.</summary>
    internal abstract string HeadName { get; }

    /// <summary>The first layers, which training leaves alone where it is told to.</summary>
    internal abstract IEnumerable<Module> FrozenFront { get; }

    /// <summary>Whether features lie with channels last; null for where tensor cores compute.</summary>
    internal bool? KeepsChannelsLast { get; set; }

    /// <summary>Makes a network with random weights.</summary>
    /// <param name="encoder">Which network.</param>
    /// <param name="classCount">C, the number of tissues; at least 1.</param>
    /// <param name="width">Factor on every channel count, in (0, 4].</param>
    /// <param name="seed">What the weights are drawn from, by a generator of its own: the process's is not used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public static ClassifierNetwork Create(ClassifierEncoder encoder, int classCount, double width = 1, long seed = 0) => encoder switch
    {
        ClassifierEncoder.ResNet38 => new ResNet38(classCount, width, seed),
        ClassifierEncoder.ResNet18 => new ResNet18(classCount, width, seed),
        _ => throw new ArgumentOutOfRangeException(nameof(encoder), encoder, "No such encoder."),
    };

    /// <summary>Logits [N, C] of images [N, 3, H, W], without attention.</summary>
    public override Tensor forward(Tensor input) => forward(input, attention: null);

    /// <summary>A network whose weights are still to be loaded, all of them.</summary>
    internal static ClassifierNetwork ToLoad(ClassifierEncoder encoder, int classCount, double width) => encoder switch
    {
        ClassifierEncoder.ResNet38 => ResNet38.ToLoad(classCount, width),
        ClassifierEncoder.ResNet18 => ResNet18.ToLoad(classCount, width),
        _ => throw new ArgumentOutOfRangeException(nameof(encoder), encoder, "No such encoder."),
    };

    /// <summary>Logits [N, C] of images [N, 3, H, W], with progressive dropout attention on the last features.</summary>
    internal Tensor forward(Tensor input, ProgressiveDropoutAttention? attention)
    {
        using var scope = NewDisposeScope();
        var features = Features(input);
        if (attention is not null)
        {
            features = attention.Apply(features.to(Head.weight.dtype), Head.weight);
        }

        // A channel is dropped everywhere, and so from the mean, which is the smaller tensor.
        return Classify(DropFeatures(Mean(features))).MoveToOuterDisposeScope();
    }

    /// <summary>Runs the network from the previous activation layer (from images for the first) to the given one: [N, K, H/8, W/8].</summary>
    internal abstract Tensor RunTo(ActivationLayer layer, Tensor input);

    /// <summary>The last features [N, K, H/8, W/8] of images [N, 3, H, W].</summary>
    internal Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        return LayersByDepth.Aggregate(input, (features, layer) => RunTo(layer, features)).MoveToOuterDisposeScope();
    }

    /// <summary>Computes with the same weights at an output stride of its own while it trains; maps and predictions are made at <see cref="OutputStride"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The network does not have that stride.</exception>
    internal virtual void Place(int outputStride)
    {
        if (outputStride != OutputStride)
        {
            throw new ArgumentOutOfRangeException(nameof(outputStride), outputStride, $"The output stride of a {Encoder} is {OutputStride}; it has no other.");
        }
    }

    /// <summary>Logits [N, C]: the head of the spatial mean of the last features.</summary>
    internal Tensor Pooled(Tensor last)
    {
        using var scope = NewDisposeScope();
        return Classify(Mean(last)).MoveToOuterDisposeScope();
    }

    /// <summary>Whether features of an input lie with channels last.</summary>
    internal bool UsesChannelsLast(Tensor input) => KeepsChannelsLast ?? ChannelsLast.SuitsTensorCores(input);

    /// <summary>Drops some channels [N, K, …] of the last features while the network learns.</summary>
    private protected abstract Tensor DropFeatures(Tensor features);

    /// <summary>The spatial mean [N, K, 1, 1], which is summed up in the weights' own type.</summary>
    private Tensor Mean(Tensor features) => features.mean([2, 3], keepdim: true, Head.weight.dtype);

    private Tensor Classify(Tensor mean) => Head.forward(mean).flatten(1);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        this.Unfold();
        base.Dispose(disposing);
    }
}
