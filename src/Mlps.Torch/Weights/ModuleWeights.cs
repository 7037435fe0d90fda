using Mlps.Torch.Runtime;
using Mlps.Torch.Weights.Formats;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Weights;

/// <summary>Brings weights from files into modules, and from modules into files.</summary>
public static class ModuleWeights
{
    /// <summary>Loads parameters and persistent buffers from a file.</summary>
    /// <param name="module">The module, on any device and in any precision; values are converted on the way.</param>
    /// <param name="path">A file that <see cref="WeightFile.Open(string)"/> understands.</param>
    /// <param name="options">Name mapping and strictness; <see cref="WeightLoadOptions.Strict"/> by default.</param>
    /// <returns>What was loaded and what was not.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="WeightFileException">The file is damaged or not supported. The module is unchanged.</exception>
    /// <exception cref="WeightMismatchException">File and module do not fit, and partial loading was not asked for. The module is unchanged.</exception>
    public static WeightLoadReport LoadWeights(this nn.Module module, string path, WeightLoadOptions? options = null)
    {
        using WeightFile file = WeightFile.Open(path);
        return module.LoadWeights(file, options);
    }

    /// <summary>Loads parameters and persistent buffers from an open file.</summary>
    /// <remarks>Names, shapes, types and checksums of everything are checked before the first value is copied, one tensor at a time.</remarks>
    /// <inheritdoc cref="LoadWeights(nn.Module, string, WeightLoadOptions)"/>
    /// <param name="module">The module, on any device and in any precision; values are converted on the way.</param>
    /// <param name="file">The open file; it stays open.</param>
    /// <param name="options">Name mapping and strictness; <see cref="WeightLoadOptions.Strict"/> by default.</param>
    public static WeightLoadReport LoadWeights(this nn.Module module, WeightFile file, WeightLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(file);
        options ??= WeightLoadOptions.Strict;
        using var state = ComputeScope.ForWeights();

        Dictionary<string, Tensor> targets = module.state_dict();
        WeightMatch match = WeightMatch.Compare(
            file, [.. targets.Select(target => new WeightEntry(target.Key, target.Value.shape, target.Value.dtype))], options);
        match.ThrowIfUnfit(options);

        foreach ((string source, _) in match.Pairs)
        {
            file.Verify(source);
        }

        foreach ((string source, string target) in match.Pairs)
        {
            file.Load(source, targets[target]);
        }

        return match.Report;
    }

    /// <summary>Writes parameters and persistent buffers as safetensors, by their state-dict names.</summary>
    /// <param name="module">The module, on any device.</param>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="metadata">Free-form text fields, or null.</param>
    public static void SaveWeights(this nn.Module module, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        SafetensorsWriter.Write(path, module.state_dict().Select(item => (item.Key, item.Value)), metadata);
    }
}
