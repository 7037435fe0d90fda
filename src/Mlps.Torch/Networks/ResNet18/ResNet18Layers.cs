using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks.Backbones;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>The layers of ResNet-18 as ML.NET's image featurizer has it: basic blocks [2, 2, 2, 3], strided windows padded above and to the left.</summary>
/// <remarks>
/// He et al. 2016, with a third block in the last stage; layer names are torchvision's. Input [N, 3, H, W]. Where a stage's stride is taken out, its first
/// convolution keeps the dilation of the stage before, and the others see as far as they did: pretrained weights compute the same features at more places.
/// </remarks>
internal sealed class ResNet18Layers : IDisposable
{
    private const int StemKernel = 7;
    private const int PoolKernel = 3;
    private static readonly int[] Blocks = [2, 2, 2, 3];

    private readonly ConvNorm _stem;

    /// <summary>Makes the layers.</summary>
    /// <param name="outputStride">Height of the image over height of the last features: 8, 16 or 32.</param>
    /// <param name="width">Factor on the channels.</param>
    public ResNet18Layers(int outputStride, ChannelWidth width)
    {
        CheckStride(outputStride);
        int[] channels = [width.Of(64), width.Of(64), width.Of(128), width.Of(256), width.Of(512)];
        Conv1 = Convolution.CreateUnpadded(3, channels[0], StemKernel, stride: 2);
        Bn1 = BatchNorm.Create(channels[0]);
        _stem = new(Conv1, Bn1);
        Stages = new Sequential[Blocks.Length];
        foreach (var (stage, (stride, before, dilation)) in Steps(outputStride).Index())
        {
            var blocks = new Module<Tensor, Tensor>[Blocks[stage]];
            for (var block = 0; block < blocks.Length; block++)
            {
                blocks[block] = block == 0
                    ? new BasicBlock(channels[stage], channels[stage + 1], stride, dilation, firstDilation: before, padsBefore: true)
                    : new BasicBlock(channels[stage + 1], channels[stage + 1], dilation: dilation);
            }

            Stages[stage] = Sequential(blocks);
        }
    }

    /// <summary>The first convolution.</summary>
    public Conv2d Conv1 { get; }

    /// <summary>Its BatchNorm.</summary>
    public BatchNorm2d Bn1 { get; }

    /// <summary>The four stages.</summary>
    public Sequential[] Stages { get; }

    /// <summary>What of them can be folded and is not in a block.</summary>
    public IEnumerable<ConvNorm> Folded => [_stem];

    /// <summary>Whether an output stride is 8, 16 or 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static void CheckStride(int outputStride)
    {
        if (outputStride is not (8 or 16 or 32))
        {
            throw new ArgumentOutOfRangeException(nameof(outputStride), outputStride, "The output stride of a ResNet-18 must be 8, 16 or 32.");
        }
    }

    /// <summary>Computes with the same weights at another output stride: the same features, at fewer or more places.</summary>
    public void Place(int outputStride)
    {
        CheckStride(outputStride);
        foreach (var (stage, (stride, before, dilation)) in Steps(outputStride).Index())
        {
            foreach (var (block, module) in Stages[stage].children().Index())
            {
                ((BasicBlock)module).Place(block == 0 ? stride : 1, dilation, block == 0 ? before : dilation);
            }
        }
    }

    /// <summary>Stem, pool and stage 1: [N, 64w, ⌈H/4⌉, ⌈W/4⌉] of images.</summary>
    public Tensor Front(Tensor input)
    {
        using var scope = NewDisposeScope();
        var stem = _stem.ForwardReLU(StridedPadding.Pad(input, StemKernel));
        var pooled = functional.max_pool2d(StridedPadding.Pad(stem, PoolKernel), [PoolKernel, PoolKernel], strides: [2, 2]);
        return Stages[0].forward(pooled).MoveToOuterDisposeScope();
    }

    /// <summary>For each stage, the stride and the dilation of its first convolution, and the dilation of the others.</summary>
    private static IEnumerable<(int Stride, int FirstDilation, int Dilation)> Steps(int outputStride)
    {
        yield return (1, 1, 1);
        var (reached, dilation) = (4, 1);
        for (var stage = 1; stage < Blocks.Length; stage++)
        {
            var stride = reached < outputStride ? 2 : 1;
            var before = dilation;
            reached *= stride;
            dilation *= stride == 1 ? 2 : 1;
            yield return (stride, before, dilation);
        }
    }

    /// <summary>Forgets folded weights; the modules belong to their network.</summary>
    public void Dispose() => _stem.Dispose();
}
