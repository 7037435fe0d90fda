using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Only requested columns are computed.</summary>
[Collection(ChainTests.Name)]
public sealed class LazinessTests(TrainedChain chain)
{
    [Fact]
    public void Cursor_OnlyNameAsked_ReadsNoImage()
    {
        var patches = TinyTable.Patches(5);
        var predicted = chain.Model.Transform(patches.Labelled());

        var names = Names(predicted);

        Assert.Equal(["patch 0", "patch 1", "patch 2", "patch 3", "patch 4"], names);
        Assert.Equal(0, patches.ImageReads);
    }

    [Fact]
    public void Cursor_OnlyNameAskedOfADisposedChain_StillReads()
    {
        using var model = TinyChain.Create(new MLContext(1)).Fit(TinyTable.Patches(4).Labelled());
        var predicted = model.Transform(TinyTable.Patches(3).Labelled());
        model.Dispose();

        Assert.Equal(3, Names(predicted).Count);
        Assert.Throws<ObjectDisposedException>(() => predicted.Vectors<float>("Probability"));
    }

    [Fact]
    public void Cursor_PredictedMaskAsked_ComputesNoActivationMaps()
    {
        var counted = new CountedView(chain.Model.ClassifierOf().Transform(TinyTable.Patches(4).Labelled()));

        chain.Model.LastTransformer.Transform(chain.Model.PseudoMasksOf().Transform(counted)).Vectors<byte>("PredictedMask");

        Assert.Contains("GateProbability", counted.Asked);
        Assert.DoesNotContain("ActivationMaps", counted.Asked);
        Assert.DoesNotContain("Probability", counted.Asked);
    }

    [Fact]
    public void Cursor_PseudoMaskAsked_ComputesNoGate()
    {
        var counted = new CountedView(chain.Model.ClassifierOf().Transform(TinyTable.Patches(4).Labelled()));

        chain.Model.PseudoMasksOf().Transform(counted).Vectors<byte>("PseudoMask.bn7");

        Assert.Contains("ActivationMaps", counted.Asked);
        Assert.DoesNotContain("GateProbability", counted.Asked);
        Assert.DoesNotContain("Probability", counted.Asked);
    }

    [Fact]
    public void Cursor_PredictedMaskOfOneRowAsked_ReadsNoMoreThanABatchAhead()
    {
        var patches = TinyTable.Patches(12);
        var predicted = chain.Model.Transform(patches.Labelled());
        using var cursor = predicted.GetRowCursor([predicted.Schema["PredictedMask"]]);
        var getter = cursor.GetGetter<VBuffer<byte>>(predicted.Schema["PredictedMask"]);
        VBuffer<byte> mask = default;

        cursor.MoveNext();
        getter(ref mask);

        Assert.InRange(patches.ImageReads, 1, 9);
    }

    private static List<string> Names(IDataView table)
    {
        using var cursor = table.GetRowCursor([table.Schema["Name"]]);
        var getter = cursor.GetGetter<ReadOnlyMemory<char>>(table.Schema["Name"]);
        var names = new List<string>();
        ReadOnlyMemory<char> name = default;
        while (cursor.MoveNext())
        {
            getter(ref name);
            names.Add(name.ToString());
        }

        return names;
    }

    /// <summary>Remembers which columns were requested.</summary>
    private sealed class CountedView(IDataView inner) : IDataView
    {
        public HashSet<string> Asked { get; } = [];

        public DataViewSchema Schema => inner.Schema;

        public bool CanShuffle => inner.CanShuffle;

        public long? GetRowCount() => inner.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            var needed = columnsNeeded.ToArray();
            Asked.UnionWith(needed.Select(column => column.Name));
            return inner.GetRowCursor(needed, rand);
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
    }
}
