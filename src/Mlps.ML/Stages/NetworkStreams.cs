using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.Weights;
using static TorchSharp.torch;

namespace Mlps.ML.Stages;

/// <summary>Networks' weights as parts of a model file, in safetensors.</summary>
internal static class NetworkStreams
{
    /// <summary>Name of the part.</summary>
    public const string Part = "weights.safetensors";

    public static void Save(nn.Module network, Stream stream) =>
        SafetensorsWriter.Write(stream, network.state_dict().Select(entry => (entry.Key, entry.Value)));

    /// <summary>Makes a network and loads its weights, once the file is known to hold weights of its names and shapes.</summary>
    /// <param name="stream">The part.</param>
    /// <param name="create">Makes the network, without drawing weights.</param>
    /// <exception cref="WeightFileException">The part is damaged.</exception>
    /// <exception cref="FormatException">The weights are those of another network; none was made.</exception>
    public static T Load<T>(Stream stream, Func<T> create)
        where T : nn.Module
    {
        var options = WeightLoadOptions.Strict with { Prefix = string.Empty };
        using var file = WeightFile.Read(stream, Part);
        using (var shapes = WeightMemory.Without(create))
        {
            RequireFit(shapes, file, options);
        }

        var network = create();
        try
        {
            network.LoadWeights(file, options);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static void RequireFit(nn.Module shapes, WeightFile file, WeightLoadOptions options)
    {
        try
        {
            shapes.RequireWeights(file, options);
        }
        catch (WeightMismatchException exception)
        {
            var report = exception.Report;
            var wrong = report.Missing.Concat(report.Unexpected).Concat(report.WrongShape.Select(difference => difference.ToString())).Concat(report.WrongType.Select(difference => difference.ToString()));
            throw new FormatException($"The model is damaged: the weights in '{Part}' are not those of the network that its options describe. They differ in {ShortText.List(wrong)}.");
        }
    }
}
