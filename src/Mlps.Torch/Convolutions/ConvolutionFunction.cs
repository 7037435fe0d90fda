using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions;

/// <summary>A 3x3 convolution, padded by its dilation, with its own gradient computation.</summary>
/// <remarks>Gradients that cannot be computed, as when memory runs out, are not-a-number; <see cref="BackwardFailure"/> keeps the reason.</remarks>
/// <typeparam name="T">The class that computes the convolution and its gradients.</typeparam>
internal abstract class ConvolutionFunction<T> : autograd.SingleTensorFunction<T>
    where T : ConvolutionFunction<T>, new()
{
    private const string Dilation = "dilation";
    private const string InputLearns = "input";
    private const string BiasLearns = "bias";

    /// <summary>The gradients last handed to libtorch; they are freed when it requests others, not at the end of a step.</summary>
    [ThreadStatic]
    private static List<Tensor?>? _handedOver;

    public override string Name => typeof(T).Name;

    /// <summary>The convolution of [N, C, H, W] with weights [K, C, 3, 3], or a transform of them, and an optional bias [K]: [N, K, H, W].</summary>
    public static Tensor Convolve(Tensor input, Tensor weight, Tensor? bias, long dilation) => apply(input, weight, bias!, dilation);

    public sealed override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (input, weight, bias, dilation) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor?)vars[2], (long)vars[3]);
        ctx.save_for_backward([input, weight]);
        ctx.save_data(Dilation, dilation);
        ctx.save_data(InputLearns, input.requires_grad);
        ctx.save_data(BiasLearns, bias is { requires_grad: true });
        return Output(input, weight, bias, dilation);
    }

    public sealed override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        _handedOver?.ForEach(gradient => gradient?.Dispose());
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (inputLearns, biasLearns) = ((bool)ctx.get_data(InputLearns), (bool)ctx.get_data(BiasLearns));
        Tensor? input, weight, bias;
        try
        {
            (input, weight) = Gradients(saved[0], saved[1], grad_output, (long)ctx.get_data(Dilation), inputLearns);
            bias = biasLearns ? grad_output.sum([0, 2, 3]) : null;
        }
        catch (Exception exception)
        {
            BackwardFailure.OfThisThread.Keep(exception);
            (input, weight, bias) = (inputLearns ? NotANumber(saved[0].shape) : null, NotANumber(saved[1].shape), biasLearns ? NotANumber(saved[1].shape[..1]) : null);
        }

        grad_output.Dispose();
        _handedOver = [input?.MoveToOuterDisposeScope(), weight?.MoveToOuterDisposeScope(), bias?.MoveToOuterDisposeScope(), null];
        return _handedOver!;

        Tensor NotANumber(long[] shape) => full(1, double.NaN, saved[0].dtype, saved[0].device).expand(shape);
    }

    /// <summary>The convolution: a tensor of its own and not a view, which could not be changed in place afterwards.</summary>
    protected abstract Tensor Output(Tensor input, Tensor weight, Tensor? bias, long dilation);

    /// <summary>Gradients of the input, where it learns, and of the weights, where they do.</summary>
    protected abstract (Tensor? Input, Tensor? Weight) Gradients(Tensor input, Tensor weight, Tensor gradient, long dilation, bool inputLearns);
}
