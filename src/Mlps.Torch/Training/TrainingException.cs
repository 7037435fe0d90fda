namespace Mlps.Torch.Training;

/// <summary>A training run that cannot go on, and why.</summary>
public sealed class TrainingException : Exception
{
    /// <summary>Makes the exception.</summary>
    public TrainingException()
    {
    }

    /// <summary>Makes the exception with what went wrong and what to do.</summary>
    public TrainingException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with what went wrong and its cause.</summary>
    public TrainingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Throws when a loss is not a number, which means that the weights are lost.</summary>
    internal static void ThrowIfNotFinite(double loss, long step, double rate)
    {
        if (!double.IsFinite(loss))
        {
            throw new TrainingException(FormattableString.Invariant(
                $"The loss became {loss} at step {step + 1} with learning rate {rate:g3}. Train with a lower learning rate, or check the images for faults."));
        }
    }

    /// <summary>A device whose memory does not hold a step.</summary>
    internal static TrainingException OutOfMemory(int batchSize, int height, int width, TorchSharp.torch.Device device, Exception cause) => new(
        $"{device} ran out of memory with batch size {batchSize} and patches of {width}x{height} pixels. {(batchSize > 1 ? $"Try batch size {batchSize / 2} (BatchSize)" : "Try smaller patches or narrower networks")}, or free the memory that other programs hold.", cause);

    /// <summary>A device whose memory does not hold images of the validation set.</summary>
    internal static TrainingException OutOfMemoryInValidation(TorchSharp.torch.Device device, Exception cause) => new(
        $"{device} ran out of memory while it scored the validation set. Give smaller validation images, or predict them in windows alone (ChoosePrediction false), or free the memory that other programs hold.", cause);
}
