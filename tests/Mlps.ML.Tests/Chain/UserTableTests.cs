using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Training on a table in memory, whose images stay the user's.</summary>
[Collection(ChainTests.Name)]
public sealed class UserTableTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 6);
    private readonly Row[] _rows = [.. Enumerable.Range(0, 6).Select(number => new Row
    {
        Image = TinyTissue.Image(number, TinyTissue.Side, TinyTissue.Side),
        Label = TinyTissue.Label(number),
        Mask = TinyTissue.Mask(number, TinyTissue.Side, TinyTissue.Side),
    })];

    public void Dispose() => Array.ForEach(_rows, row => row.Image!.Dispose());

    [Fact]
    public void Fit_ImagesOfTheUser_AreLeftAlone()
    {
        var options = new MultiLayerPseudoSupervisionOptions { Classifier = TinyChain.Classifier, Segmenter = TinyChain.Segmenter, Run = new() { ValidationSet = _ml.Data.LoadFromEnumerable(_rows) } };
        var table = _ml.Data.LoadFromEnumerable(_rows);

        using var model = _ml.TissueSegmentation.MultiLayerPseudoSupervision(TinyTissue.Classes, options).Fit(table);

        Assert.All(_rows, row => Assert.False(CountingTable.IsDisposed(row.Image!)));
        Assert.Equal(6, model.Transform(table).Vectors<byte>("PredictedMask").Length);
    }

    [Fact]
    public void Evaluate_MasksWithoutNamesOfTissues_TakesThem()
    {
        var table = _ml.Data.LoadFromEnumerable(_rows);

        var error = Assert.Throws<ArgumentException>(() => _ml.TissueSegmentation.Evaluate(table, predictedMaskColumnName: "Mask"));
        Assert.Contains("give the names of the tissues as classNames", error.Message, StringComparison.Ordinal);

        Assert.Equal(1, _ml.TissueSegmentation.Evaluate(table, predictedMaskColumnName: "Mask", classNames: TinyTissue.Classes.Names).ProtocolA.MeanIoU);
    }

    private sealed class Row
    {
        [ImageType(TinyTissue.Side, TinyTissue.Side)]
        public MLImage? Image { get; set; }

        [VectorType(2)]
        public bool[] Label { get; set; } = [];

        [VectorType(TinyTissue.Side * TinyTissue.Side)]
        public byte[] Mask { get; set; } = [];
    }
}
