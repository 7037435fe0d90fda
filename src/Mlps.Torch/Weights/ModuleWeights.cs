using Mlps.Torch.Runtime;
using Mlps.Torch.Weights.Formats;
using static TorchSharp.torch;

namespace Mlps.Torch.Weights;

/// <summary>Brings weights from files into modules, and from modules into files.</summary>
public static class ModuleWeights
{
    /// <summary>Loads parameters and persistent buffers from a file.</summary>
    /// <param name="module">The module, on any device and in any precision; values are converted.</param>
    /// <param name="path">A file that <see cref="WeightFile.Open(string)"/> understands.</param>
    /// <param name="options">Name mapping and strictness; <see cref="WeightLoadOptions.Strict"/> by default.</param>
    /// <returns>What was loaded and what was not.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="WeightFileException">The file is damaged or not supported, or holds NaN or infinities. The module is unchanged.</exception>
    /// <exception cref="WeightMismatchException">File and module do not fit, and partial loading was not requested. The module is unchanged.</exception>
    public static WeightLoadReport LoadWeights(this nn.Module module, string path, WeightLoadOptions? options = null)
    {
        using var file = WeightFile.Open(path);
        return module.LoadWeights(file, options);
    }

    /// <summary>Loads parameters and persistent buffers from an open file.</summary>
    /// <remarks>
    /// Of several sets of tensors in the file, the one that fits the module best is taken, and the prefix that its names carry is stripped
    /// (<see cref="WeightLoadOptions.Group"/>, <see cref="WeightLoadOptions.Prefix"/>). Names, shapes, types and checksums of everything, and that all values are
    /// finite numbers, are checked before the first value is copied, one tensor at a time.
    /// </remarks>
    /// <inheritdoc cref="LoadWeights(nn.Module, string, WeightLoadOptions)"/>
    /// <param name="module">The module, on any device and in any precision; values are converted.</param>
    /// <param name="file">The open file; it stays open.</param>
    /// <param name="options">Name mapping and strictness; <see cref="WeightLoadOptions.Strict"/> by default.</param>
    public static WeightLoadReport LoadWeights(this nn.Module module, WeightFile file, WeightLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(file);
        options ??= WeightLoadOptions.Strict;
        using var state = ComputeScope.ForWeights();

        var targets = module.state_dict();
        var match = Match(targets, file, options);
        match.ThrowIfUnfit(file, options);

        using var noGradients = no_grad();
        FiniteValues.Require(file, match.Pairs, targets);
        foreach ((var source, var target) in match.Pairs)
        {
            using var values = file.Load(source);
            targets[target].copy_(values);
        }

        return match.Report;
    }

    /// <summary>Compares names, shapes and types as <see cref="LoadWeights(nn.Module, WeightFile, WeightLoadOptions)"/> does, with a module whose weights need no memory.</summary>
    /// <exception cref="WeightMismatchException">File and module do not fit.</exception>
    internal static void RequireWeights(this nn.Module module, WeightFile file, WeightLoadOptions options) =>
        Match(module.state_dict(), file, options).ThrowIfUnfit(file, options);

    /// <summary>Compares an open file with a module, as loading would, and changes nothing.</summary>
    /// <param name="module">The module.</param>
    /// <param name="file">The open file.</param>
    /// <param name="options">As for <see cref="LoadWeights(nn.Module, WeightFile, WeightLoadOptions)"/>; nothing fails for not fitting.</param>
    /// <returns>What would be loaded, and what would not.</returns>
    /// <exception cref="WeightFileException">The file holds several sets of weights that fit equally well, or unreadable tensors where the module needs some.</exception>
    public static WeightLoadReport CompareWeights(this nn.Module module, WeightFile file, WeightLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(file);
        return Match(module.state_dict(), file, options ?? WeightLoadOptions.Strict).Report;
    }

    private static WeightMatch Match(Dictionary<string, Tensor> targets, WeightFile file, WeightLoadOptions options) => WeightMatch.Compare(
        file, [.. targets.Select(target => new WeightEntry(target.Key, target.Value.shape, target.Value.dtype))], options);

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
