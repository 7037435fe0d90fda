using Microsoft.ML;
using Mlps.ML;

namespace Mlps.Docs.Tests.Pages;

/// <summary>What a reader of the pages has on disk: the two published datasets and one of their own in the layout that the pages describe, a few images, and a model; all of it tiny.</summary>
public sealed class ReadersFolder : IDisposable
{
    private const int Side = 32;
    private const int LargerSide = 44;

    private readonly string _original = Directory.CreateTempSubdirectory("mlps-docs-").FullName;

    public ReadersFolder()
    {
        Draw("datasets/LUAD-HistoSeg", new SyntheticTissueOptions { ClassCount = 4, EvaluationSize = Side }, index => $"{387700 + (index % 4)}-{9108 + index}-71176-", digits => $"[{string.Join(' ', digits)}]", isPreset: true);
        Draw("datasets/BCSS-WSSS", new SyntheticTissueOptions { ClassCount = 4, Background = false, EvaluationSize = Side }, index => $"TCGA-A1-A0S{(char)('A' + (index % 4))}-DX1_xmin{45749 + index}_ymin25055_MPP-0.2500+0", digits => $"[{string.Concat(digits)}]", isPreset: true);
        Draw("datasets/colon", new SyntheticTissueOptions { ClassCount = 2, EvaluationSize = LargerSide }, index => $"slide{index % 4}_{index}_0-", digits => $"[{string.Join(' ', digits)}]", isPreset: false);
        Directory.CreateDirectory(Path.Combine(_original, "images"));
        foreach (var (image, number) in Directory.EnumerateFiles(Path.Combine(_original, "datasets/colon/test/img")).Select((path, number) => (path, number)))
        {
            File.Copy(image, Path.Combine(_original, "images", $"field-{number}.png"));
        }

        WriteModel();
    }

    /// <summary>A copy of its own for a page, which the caller deletes.</summary>
    public string Copy()
    {
        var copy = Directory.CreateTempSubdirectory("mlps-docs-page-").FullName;
        foreach (var file in Directory.EnumerateFiles(_original, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(_original, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(_original, recursive: true);

    private void Draw(string folder, SyntheticTissueOptions options, Func<int, string> name, Func<IEnumerable<char>, string> label, bool isPreset)
    {
        var path = Path.Combine(_original, folder);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        SyntheticTissue.Write(path, options with { TrainPatches = 24, ValidationPatches = 4, TestPatches = 4, PatchSize = Side });
        if (isPreset)
        {
            File.Delete(Path.Combine(path, "dataset.json"));
            Recolour(path);
        }

        foreach (var (patch, index) in Directory.EnumerateFiles(Path.Combine(path, "train")).Order(StringComparer.Ordinal).Select((patch, index) => (patch, index)).ToArray())
        {
            var digits = Path.GetFileNameWithoutExtension(patch).Split('[')[1].Where(char.IsAsciiDigit);
            File.Move(patch, Path.Combine(path, "train", $"{name(index)}{label(digits)}.png"));
        }
    }

    /// <summary>Gives masks the colours of the preset that the folder is named after, as the published masks have them.</summary>
    private static void Recolour(string path)
    {
        var palette = TissueDataset.Open(path).Classes.Palette;
        foreach (var file in (string[])[.. Directory.GetFiles(Path.Combine(path, "val", "mask")), .. Directory.GetFiles(Path.Combine(path, "test", "mask"))])
        {
            var mask = PalettePng.Read(file);
            PalettePng.Write(file, mask.Indices.Span, mask.Width, mask.Height, palette);
        }
    }

    private void WriteModel()
    {
        var ml = new MLContext(seed: 1);
        var dataset = TissueDataset.Open(Path.Combine(_original, "datasets/LUAD-HistoSeg"));
        var train = dataset.Load(ml, DatasetSplit.Train);
        using var model = ml.TissueSegmentation.PatchClassifier(dataset.Classes, SmallNetworks.Shrink((PatchClassifierOptions?)null))
            .Append(ml.TissueSegmentation.PseudoMasks(dataset.Classes))
            .Append(ml.TissueSegmentation.GatedSegmenter(dataset.Classes, SmallNetworks.Shrink((GatedSegmenterOptions?)null)))
            .Fit(train);
        ml.Model.Save(model, train.Schema, Path.Combine(_original, "tissue.zip"));
    }
}
