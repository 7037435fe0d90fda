using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Tests.Chain;
using Xunit;

namespace Mlps.ML.Tests.Interoperability;

/// <summary>What ML.NET does with predictions: objects, files, keys, and mappings of the user's own.</summary>
[Collection(ChainTests.Name)]
public sealed class PredictionTests(TrainedChain chain, TissueFolder files) : IClassFixture<TissueFolder>
{
    private const int Pixels = TinyTissue.Side * TinyTissue.Side;

    private static readonly string[] _floats = ["Probability", "GateProbability", "ActivationMaps", "PixelProbability"];
    private static readonly string[] _bytes = ["PseudoMask.b4_5", "PseudoMask.b5_2", "PseudoMask.bn7", "PredictedMask"];

    private readonly MLContext _ml = new(seed: 3);

    private IDataView Table => files.Open().Load(_ml, DatasetSplit.Train);

    private IDataView Predicted => chain.Model.Transform(Table);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CreateEnumerable_EveryColumn_HoldsTheValuesOfTheTable(bool reuseRowObject)
    {
        var predicted = Predicted;
        var probabilities = predicted.Vectors<float>("Probability");
        var gates = predicted.Vectors<float>("GateProbability");
        var maps = predicted.Vectors<float>("ActivationMaps");
        var pixels = predicted.Vectors<float>("PixelProbability");
        var masks = _bytes.Select(predicted.Vectors<byte>).ToArray();
        var patches = files.Open().Patches(DatasetSplit.Train);

        var count = 0;
        foreach (var row in _ml.Data.CreateEnumerable<EveryColumn>(predicted, reuseRowObject))
        {
            Assert.Equal((patches[count].Name, patches[count].ImagePath), (row.Name, row.ImagePath));
            Assert.Equal($"slide{patches[count].Name[5]}", row.Source);
            Assert.Equal(patches[count].Label!, row.Label);
            Assert.Equal((TinyTissue.Side, TinyTissue.Side), (row.Image!.Width, row.Image.Height));
            Assert.Equal(probabilities[count], row.Probability);
            Assert.Equal(gates[count], row.GateProbability);
            Assert.Equal(maps[count], row.ActivationMaps);
            Assert.Equal(pixels[count], row.PixelProbability);
            Assert.Equal(masks.Select(column => column[count]), [row.First, row.Second, row.Third, row.PredictedMask]);
            count++;
        }

        Assert.Equal(TissueFolder.Count, count);
    }

    [Fact]
    public void CreateEnumerable_ImagesWhoseSizeIsNotInTheSchema_HasMasksOfTheirOwnSizes()
    {
        var table = new TinyTable(new TinyRow(0), new TinyRow(1, 40, 33), new TinyRow(2, 33, 47));

        var rows = _ml.Data.CreateEnumerable<MaskOnly>(chain.Model.Transform(table.View(table.Name, table.Image)), reuseRowObject: false).ToArray();

        Assert.Equal([Pixels, 40 * 33, 33 * 47], rows.Select(row => row.PredictedMask.Length));
    }

    [Fact]
    public void CustomMapping_AfterThePrediction_MeasuresAreas()
    {
        var predicted = Predicted;
        var measuring = _ml.Transforms.CustomMapping<MaskOnly, Areas>((row, to) => to.Area = AreasOf(row.PredictedMask), contractName: null);

        var areas = measuring.Fit(predicted).Transform(predicted).Vectors<float>("Area");

        Assert.Equal(predicted.Vectors<byte>("PredictedMask").Select(AreasOf), areas);
        Assert.All(areas, row => Assert.Equal(1, row.Sum(), 1e-5f));
    }

    [Fact]
    public void CustomMapping_AtTheEndOfASavedChain_IsLoadedWithIt()
    {
        var mapping = _ml.Transforms.CustomMapping(new MeasureAreas().GetMapping(), MeasureAreas.Contract);
        var predicted = Predicted;
        var whole = new TransformerChain<ITransformer>(chain.Model, mapping.Fit(predicted));
        using var stream = new MemoryStream();
        _ml.Model.Save(whole, Table.Schema, stream);
        stream.Position = 0;

        var other = new MLContext();
        other.ComponentCatalog.RegisterAssembly(typeof(MeasureAreas).Assembly);
        var loaded = other.Model.Load(stream, out _);
        using var owned = (IDisposable)loaded;

        Assert.Equal(whole.Transform(Table).Vectors<float>("Area"), loaded.Transform(Table).Vectors<float>("Area"));
    }

    [Fact]
    public void MapValueToKey_OfTheSource_CountsSlidesBesideThePrediction()
    {
        var keys = _ml.Transforms.Conversion.MapValueToKey("Slide", "Source");
        var keyed = keys.Fit(Table).Transform(Table);

        var predicted = chain.Model.Transform(keyed);

        Assert.Equal(TissueFolder.Slides, ((KeyDataViewType)predicted.Schema["Slide"].Type).Count, 0.0);
        Assert.Equal(Table.GetColumn<string>("Source").Distinct().Count(), predicted.GetColumn<uint>("Slide").Distinct().Count());
        Assert.Equal(Predicted.Vectors<byte>("PredictedMask"), predicted.Vectors<byte>("PredictedMask"));
        var rows = _ml.Data.CreateEnumerable<Slides>(predicted, reuseRowObject: false).ToArray();
        Assert.All(rows.GroupBy(row => row.Slide), slide => Assert.Single(slide.Select(row => row.Source).Distinct()));
    }

    [Fact]
    public void Fit_KeyWhereTheLabelIsExpected_SaysExpectedAndActualType()
    {
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label", "Source");

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => TinyChain.Create(_ml).Fit(keys.Fit(Table).Transform(Table)));

        Assert.Contains("Schema mismatch for input column 'Label': expected Vector<Boolean, 2>, got Key<UInt32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SaveAsBinary_Predictions_AreReadBackWithTypesAndClassNames()
    {
        var predicted = Predicted;

        var loaded = ThroughAFile(predicted);

        // An image has no binary form in ML.NET; everything else has.
        Assert.Equal(predicted.Schema.Where(column => column.Type is not ImageDataViewType).Select(column => (column.Name, column.Type)), loaded.Schema.Select(column => (column.Name, column.Type)));
        Assert.All(_floats, column => Assert.Equal(predicted.Vectors<float>(column), loaded.Vectors<float>(column)));
        Assert.All(_bytes, column => Assert.Equal(predicted.Vectors<byte>(column), loaded.Vectors<byte>(column)));
        Assert.All([.. _floats, .. _bytes], column => Assert.Equal(TinyTissue.Classes.Names, loaded.Schema[column].Names(TissueColumns.ClassesAnnotation)));
    }

    [Fact]
    public void SaveAsBinary_PredictionsAndTruth_AreScoredAsBefore()
    {
        var images = TinyTable.Images(4, 44, 36);
        var predicted = chain.Model.Transform(images.Masked());

        var scores = _ml.TissueSegmentation.Evaluate(ThroughAFile(predicted));

        Assert.Equal(_ml.TissueSegmentation.Evaluate(predicted).ToString(), scores.ToString());
    }

    private IDataView ThroughAFile(IDataView table)
    {
        var path = files.File($"{Guid.NewGuid():N}.idv");
        using (var file = File.Create(path))
        {
            _ml.Data.SaveAsBinary(table, file);
        }

        return _ml.Data.LoadFromBinary(path);
    }

    private static float[] AreasOf(byte[] mask) =>
        [.. Enumerable.Range(0, TinyTissue.Classes.Count).Select(index => mask.Count(pixel => pixel == index) / (float)mask.Length)];

    private sealed class EveryColumn
    {
        public string Name { get; set; } = string.Empty;

        public string ImagePath { get; set; } = string.Empty;

        public string Source { get; set; } = string.Empty;

        [ImageType(TinyTissue.Side, TinyTissue.Side)]
        public MLImage? Image { get; set; }

        public bool[] Label { get; set; } = [];

        public float[] Probability { get; set; } = [];

        public float[] GateProbability { get; set; } = [];

        public float[] ActivationMaps { get; set; } = [];

        [ColumnName("PseudoMask.b4_5")]
        public byte[] First { get; set; } = [];

        [ColumnName("PseudoMask.b5_2")]
        public byte[] Second { get; set; } = [];

        [ColumnName("PseudoMask.bn7")]
        public byte[] Third { get; set; } = [];

        public byte[] PredictedMask { get; set; } = [];

        public float[] PixelProbability { get; set; } = [];
    }

    private sealed class Slides
    {
        public uint Slide { get; set; }

        public string Source { get; set; } = string.Empty;
    }

    private sealed class MaskOnly
    {
        public byte[] PredictedMask { get; set; } = [];
    }

    private sealed class Areas
    {
        [VectorType(2)]
        public float[] Area { get; set; } = [];
    }

    [CustomMappingFactoryAttribute(Contract)]
    private sealed class MeasureAreas : CustomMappingFactory<MaskOnly, Areas>
    {
        public const string Contract = "MeasureAreas";

        public override Action<MaskOnly, Areas> GetMapping() => (row, to) => to.Area = AreasOf(row.PredictedMask);
    }
}
