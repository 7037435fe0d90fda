using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Docs.Tests.Pages;
using Mlps.ML;

namespace Mlps.Docs.Tests.Messages;

/// <summary>Mistakes that docs/troubleshooting.md explains, to be made in a reader's folder.</summary>
/// <param name="folder">A copy of <see cref="ReadersFolder"/> that a mistake may spoil.</param>
internal sealed class Mistakes(string folder)
{
    private readonly MLContext _ml = new(seed: 1);

    /// <summary>Each mistake by the message that the page quotes for it.</summary>
    public static IReadOnlyDictionary<string, Action<Mistakes>> All { get; } = new Dictionary<string, Action<Mistakes>>
    {
        ["There is no such folder."] = reader => reader.NoFolder(),
        ["The folder holds none of train, val and test."] = reader => reader.NoSplits(),
        ["The folder has no …, and its name holds none of …, so its classes are unknown."] = reader => reader.NoManifest(),
        ["The folder holds no PNG files."] = reader => reader.NoPictures(),
        ["The file name carries no label in brackets."] = reader => reader.NoLabel(),
        ["The label […] has … digits, and the dataset has … classes (…)."] = reader => reader.WrongClasses(),
        ["The label […] holds '…', and only 0 and 1 have a meaning."] = reader => reader.StrangeDigit(),
        ["None of its … masks has the stem of one of the … images in …."] = reader => reader.StrangeMaskNames(),
        ["The pixel … has index …, which no class has."] = reader => reader.StrangeIndex(),
        ["The file is no image of a known format."] = reader => reader.NoImage(),
        ["Could not find input column 'Image'. If the table had it: ML.NET's Cache and ShuffleRows leave out image columns."] = reader => reader.Shuffled(),
        ["Could not find input column 'Label'"] = reader => reader.NoLabels(),
        ["Could not find input column 'PseudoMask.b4_5'"] = reader => reader.SegmenterAlone(),
        ["Could not find input column 'GateProbability'"] = reader => reader.GateMissing(),
        ["Schema mismatch for input column 'Label': expected Vector<Boolean, 2>, got Vector<Boolean, 3>"] = reader => reader.OtherClassCount(),
        ["Could not find predicted mask column 'PredictedMask'"] = reader => reader.NotPredicted(),
        ["Object is disposed."] = reader => reader.ImageKept(),
        ["The table to train on has no rows. Check the dataset and any filter before the estimator."] = reader => reader.NoRows(),
        ["… pixels, the first one …. Patches to train on must be of one size; cut or resize them alike."] = reader => reader.SizesDiffer(),
        ["The validation set has no column '…'; it has …."] = reader => reader.ValidationWithoutLabels(),
        ["There are … PseudoMaskColumnNames for … MaskWeights; each mask needs one."] = reader => reader.MasksAndWeights(),
        ["… must be in …"] = reader => reader.OutOfRange(),
        ["GPU … was requested (MLContext.GpuDeviceId), and …."] = reader => reader.NoGpu(),
        ["The model is damaged: in the part for …, …."] = reader => reader.DamagedModel(),
    };

    private string Colon => Path.Combine(folder, "datasets", "colon");

    private IDataView Train => TissueDataset.Open(Colon).Load(_ml, DatasetSplit.Train);

    private void NoFolder() => TissueDataset.Open(Path.Combine(folder, "nowhere"));

    private void NoSplits() => TissueDataset.Open(Path.Combine(folder, "images"), TissueClasses.LuadHistoSeg);

    private void NoManifest()
    {
        File.Delete(Path.Combine(Colon, "dataset.json"));
        TissueDataset.Open(Colon);
    }

    private void NoPictures()
    {
        foreach (var patch in Directory.EnumerateFiles(Path.Combine(Colon, "train")))
        {
            File.Delete(patch);
        }

        TissueDataset.Open(Colon).Report(DatasetSplit.Train);
    }

    private void NoLabel() => Renamed("slide0.png");

    private void WrongClasses() => TissueDataset.Open(Colon, TissueClasses.LuadHistoSeg).Report(DatasetSplit.Train);

    private void StrangeDigit() => Renamed("slide0-[1 2].png");

    private void StrangeMaskNames()
    {
        foreach (var mask in Directory.EnumerateFiles(Path.Combine(Colon, "test", "mask")).ToArray())
        {
            File.Move(mask, mask.Replace(".png", "_mask.png", StringComparison.Ordinal));
        }

        TissueDataset.Open(Colon).Report(DatasetSplit.Test);
    }

    private void StrangeIndex()
    {
        var path = Path.Combine(folder, "mask.png");
        PalettePng.Write(path, [0, 7], 2, 1, [.. Enumerable.Range(0, 8).Select(grey => new TissueColor((byte)grey, 0, 0))]);
        PalettePng.ReadMask(path, TissueClasses.LuadHistoSeg);
    }

    private void NoImage()
    {
        File.WriteAllText(Path.Combine(folder, "images", "letter.jpg"), "Dear reader");
        _ = TissueDataset.LoadImages(_ml, Path.Combine(folder, "images")).GetColumn<MLImage>("Image").Count();
    }

    private void Shuffled() => Classifier().Fit(_ml.Data.ShuffleRows(Train));

    private void NoLabels() => Classifier().Fit(TissueDataset.Open(Colon).Load(_ml, DatasetSplit.Test));

    private void SegmenterAlone() => Segmenter().Fit(Train);

    private void GateMissing() => _ = ((IEnumerable<ITransformer>)_ml.Model.Load(Path.Combine(folder, "tissue.zip"), out _)).Last().Transform(Train);

    private void OtherClassCount() => Classifier().Fit(_ml.Data.LoadFromEnumerable(new[] { new ThreeLabels() }));

    private void NotPredicted() => _ml.TissueSegmentation.Evaluate(TissueDataset.Open(Colon).Load(_ml, DatasetSplit.Test));

    private void ImageKept() => _ = RgbImage.FromMLImage(_ml.Data.CreateEnumerable<Kept>(Train, reuseRowObject: false).ToArray()[0].Image);

    private void NoRows() => Classifier().Fit(_ml.Data.SkipRows(Train, 1000));

    private void SizesDiffer()
    {
        var patches = TissueDataset.Open(Colon).Patches(DatasetSplit.Train);
        var table = _ml.Data.LoadFromEnumerable(new[] { patches[0].ImagePath, Directory.EnumerateFiles(Path.Combine(Colon, "test", "img")).First() }.Select(path => new Listed { Path = path }));
        _ml.Transforms.LoadImages("Image", null, "Path").Append(Classifier()).Fit(table);
    }

    private void ValidationWithoutLabels() =>
        Classifier(new PatchClassifierOptions { Run = new() { ValidationSet = TissueDataset.LoadImages(_ml, Path.Combine(folder, "images")) } }).Fit(Train);

    private void MasksAndWeights() => _ml.TissueSegmentation.GatedSegmenter(TissueDataset.Open(Colon).Classes, new GatedSegmenterOptions { PseudoMaskColumnNames = ["PseudoMask.bn7"] });

    private void OutOfRange() => _ml.TissueSegmentation.PatchClassifier(TissueDataset.Open(Colon).Classes, new PatchClassifierOptions { Width = 5 });

    private void NoGpu() => new MLContext { GpuDeviceId = 99, FallbackToCpu = false }.Model.Load(Path.Combine(folder, "tissue.zip"), out _);

    private void DamagedModel()
    {
        using (var zip = System.IO.Compression.ZipFile.Open(Path.Combine(folder, "tissue.zip"), System.IO.Compression.ZipArchiveMode.Update))
        {
            zip.Entries.First(entry => entry.FullName.EndsWith("weights.safetensors", StringComparison.Ordinal)).Delete();
        }

        _ml.Model.Load(Path.Combine(folder, "tissue.zip"), out _);
    }

    private PatchClassifierEstimator Classifier(PatchClassifierOptions? options = null) => _ml.TissueSegmentation.PatchClassifier(TissueDataset.Open(Colon).Classes, SmallNetworks.Shrink(options));

    private GatedSegmenterEstimator Segmenter() => _ml.TissueSegmentation.GatedSegmenter(TissueDataset.Open(Colon).Classes, SmallNetworks.Shrink((GatedSegmenterOptions?)null));

    private void Renamed(string name)
    {
        File.Move(Directory.EnumerateFiles(Path.Combine(Colon, "train")).First(), Path.Combine(Colon, "train", name));
        TissueDataset.Open(Colon).Report(DatasetSplit.Train);
    }

    private sealed class Listed
    {
        public string Path { get; set; } = string.Empty;

        [VectorType(2)]
        public bool[] Label { get; set; } = [true, false];
    }

    private sealed class Kept
    {
        [Microsoft.ML.Transforms.Image.ImageType(32, 32)]
        public MLImage Image { get; set; } = null!;
    }

    private sealed class ThreeLabels
    {
        [Microsoft.ML.Transforms.Image.ImageType(32, 32)]
        public MLImage? Image { get; set; }

        [VectorType(3)]
        public bool[] Label { get; set; } = [];
    }
}
