using Mlps.Torch.Ranks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions;

/// <summary>BatchNorm by the mean and variance of all ranks' pixels.</summary>
/// <remarks>
/// Each pass exchanges two sums for each channel, in double precision: of values and their squares forward, of gradients and their products with the values backward. Gradients that cannot be computed are
/// not-a-number; <see cref="BackwardFailure"/> keeps the reason.
/// </remarks>
internal sealed class RankBatchNorm : autograd.SingleTensorFunction<RankBatchNorm>
{
    private const string RanksKey = "ranks";
    private const string FailureKey = "failure";
    private const string CountKey = "count";
    private const string InputLearns = "input";
    private const string AffineLearns = "affine";

    /// <summary>As PyTorch's, which all networks here keep: the share of a batch in the running statistics.</summary>
    private const double Momentum = 0.1;

    private static readonly long[] _pixels = [0, 2, 3];

    /// <summary>The gradients last handed to libtorch; they are freed when it requests others, not at the end of a step.</summary>
    [ThreadStatic]
    private static List<Tensor?>? _handedOver;

    public override string Name => nameof(RankBatchNorm);

    /// <summary>The normalised [N, C, H, W], of the input's type; takes the batch into the running statistics.</summary>
    public static Tensor Normalize(BatchNorm2d norm, Tensor input, RankGroup ranks) => apply(input, norm.weight!, norm.bias!, norm, ranks);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (input, weight, bias, norm, ranks) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (BatchNorm2d)vars[3], (RankGroup)vars[4]);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (exactMean, exactVariance, count) = Moments(input.to(weight.dtype), ranks);
        TakeIn(norm, exactMean, exactVariance, count);
        var (mean, variance) = (exactMean.to(weight.dtype), exactVariance.to(weight.dtype));
        var output = nn.functional.batch_norm(input, mean, variance, weight, bias, training: false, momentum: Momentum, eps: norm.eps);
        ctx.save_for_backward([input, weight, mean.MoveToOuterDisposeScope(), variance.add(norm.eps).rsqrt().MoveToOuterDisposeScope()]);
        ctx.save_data(RanksKey, ranks);
        ctx.save_data(FailureKey, BackwardFailure.OfThisThread);
        ctx.save_data(CountKey, count);
        ctx.save_data(InputLearns, input.requires_grad);
        ctx.save_data(AffineLearns, weight.requires_grad);
        return output.MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        _handedOver?.ForEach(gradient => gradient?.Dispose());
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (inputLearns, affineLearns) = ((bool)ctx.get_data(InputLearns), (bool)ctx.get_data(AffineLearns));
        var failure = (BackwardFailure)ctx.get_data(FailureKey);
        Tensor? input, weight, bias;
        try
        {
            // After a failure the other ranks are not met any more: they end with this one.
            failure.ThrowAgain();
            (input, weight, bias) = Gradients(saved, grad_output, (RankGroup)ctx.get_data(RanksKey), (double)ctx.get_data(CountKey));
        }
        catch (Exception exception)
        {
            failure.Keep(exception);
            (input, weight, bias) = (NotANumber(saved[0]), NotANumber(saved[1]), NotANumber(saved[1]));
        }

        grad_output.Dispose();
        _handedOver = [inputLearns ? input.MoveToOuterDisposeScope() : null, affineLearns ? weight.MoveToOuterDisposeScope() : null, affineLearns ? bias.MoveToOuterDisposeScope() : null, null, null];
        return _handedOver!;

        static Tensor NotANumber(Tensor like) => full(1, double.NaN, like.dtype, like.device).expand(like.shape);
    }

    /// <summary>Mean and variance [C] over the pixels of all ranks, in double precision, and the number of these pixels.</summary>
    private static (Tensor Mean, Tensor Variance, double Count) Moments(Tensor input, RankGroup ranks)
    {
        var own = input.numel() / input.size(1);
        var (variance, mean) = var_mean(input, _pixels, unbiased: false);
        (variance, mean) = (variance.to(ScalarType.Float64), mean.to(ScalarType.Float64));
        var sums = cat([mean.mul(own), variance.add(mean.square()).mul(own), full(1, own, ScalarType.Float64, input.device)]);
        ranks.Sum(sums);
        var count = sums[-1].ToDouble();
        var channels = mean.numel();
        var whole = sums.narrow(0, 0, channels).div(count);
        return (whole, sums.narrow(0, channels, channels).div(count).sub(whole.square()).clamp_min(0), count);
    }

    /// <summary>As PyTorch's BatchNorm does: the running variance is that without bias.</summary>
    private static void TakeIn(BatchNorm2d norm, Tensor mean, Tensor variance, double count)
    {
        norm.num_batches_tracked?.add_(1);
        Mix(norm.running_mean!, mean);
        Mix(norm.running_var!, variance.mul(count / (count - 1)));

        static void Mix(Tensor running, Tensor ofBatch) => running.mul_(1 - Momentum).add_(ofBatch.to(running.dtype), Momentum);
    }

    private static (Tensor Input, Tensor Weight, Tensor Bias) Gradients(List<Tensor> saved, Tensor gradient, RankGroup ranks, double count)
    {
        var (input, weight, mean, scale) = (saved[0], saved[1], saved[2], saved[3]);
        gradient = gradient.to(weight.dtype);
        var centred = input.to(weight.dtype).sub(Wide(mean));
        var ofBias = gradient.sum(_pixels);
        var ofWeight = gradient.mul(centred).sum(_pixels).mul(scale);

        var sums = cat([ofBias, ofWeight]).to(ScalarType.Float64);
        ranks.Sum(sums);
        sums = sums.div(count).to(weight.dtype);
        var channels = mean.numel();
        var (shared, along) = (sums.narrow(0, 0, channels), sums.narrow(0, channels, channels).mul(scale));
        var ofInput = gradient.sub(Wide(shared)).sub_(centred.mul_(Wide(along))).mul_(Wide(weight.mul(scale)));
        return (ofInput.to(input.dtype), ofWeight, ofBias);

        static Tensor Wide(Tensor channels) => channels.view(1, -1, 1, 1);
    }
}
