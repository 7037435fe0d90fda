using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Models that earlier releases saved still load and predict the same. The files are in <c>Fixtures/Models</c>, each beside the predictions that its own release made.</summary>
[Collection(ChainTests.Name)]
public sealed class EarlierModelTests
{
    private const int Width = 44;
    private const int Height = 36;

    private static readonly string[] _floats = ["Probability", "GateProbability", "ActivationMaps", "PixelProbability"];
    private static readonly string[] _bytes = ["PseudoMask.b4_5", "PseudoMask.b5_2", "PseudoMask.bn7", "PredictedMask"];

    private readonly TrainedChain _chain;

    public EarlierModelTests(TrainedChain chain) => _chain = chain;

    private static string Folder => Path.Combine(RepositoryFolder.Root, "tests", "Mlps.ML.Tests", "Fixtures", "Models");

    public static TheoryData<string> Releases => [.. Directory.EnumerateFiles(Folder, "*.zip").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [RecordingFact]
    public void Record_ThisRelease_LeavesAModelThatPredictsTheSame()
    {
        var release = RecordingFactAttribute.Release!;

        _chain.Ml.Model.Save(_chain.Model, TinyTable.Patches(1).Labelled().Schema, Path.Combine(Folder, release + ".zip"));
        Write(Path.Combine(Folder, release + ".predictions"), Predict(_chain.Model));

        Load_ModelOfAnEarlierRelease_PredictsTheSame(release);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Load_ModelOfAnEarlierRelease_PredictsTheSame(string release)
    {
        using var loaded = (TransformerChain<ITransformer>)new MLContext().Model.Load(Path.Combine(Folder, release + ".zip"), out _);

        var actual = Predict(loaded);

        var expected = Read(Path.Combine(Folder, release + ".predictions"), actual.Select(column => column.Length));
        for (var column = 0; column < actual.Length; column++)
        {
            var name = column < _floats.Length ? _floats[column] : _bytes[column - _floats.Length];
            var largest = expected[column].Max(Math.Abs);
            var apart = expected[column].Zip(actual[column], (one, other) => Math.Abs(one - other)).ToArray();

            // Other processors round in another order: numbers differ in the last places, and a pixel on the edge between two classes may change its class.
            Assert.True(largest > 0, $"{name} is 0 everywhere: the fixture proves nothing.");
            Assert.True(
                column < _floats.Length ? apart.Max() <= 1e-3 * largest : apart.Count(distance => distance != 0) <= apart.Length / 200,
                $"{name} of release {release}: {apart.Count(distance => distance != 0)} of {apart.Length} values differ, by {apart.Max()} at most.");
        }
    }

    private static float[][] Predict(ITransformer model)
    {
        var predicted = model.Transform(TinyTable.Images(3, Width, Height).Labelled());
        return
        [
            .. _floats.Select(name => predicted.Vectors<float>(name).SelectMany(values => values).ToArray()),
            .. _bytes.Select(name => predicted.Vectors<byte>(name).SelectMany(values => values.Select(value => (float)value)).ToArray()),
        ];
    }

    private static void Write(string path, float[][] columns)
    {
        using var file = new BrotliStream(File.Create(path), CompressionLevel.SmallestSize);
        Array.ForEach(columns, column => file.Write(MemoryMarshal.AsBytes(column.AsSpan())));
    }

    private static float[][] Read(string path, IEnumerable<int> lengths)
    {
        using var file = new BrotliStream(File.OpenRead(path), CompressionMode.Decompress);
        float[][] columns = [.. lengths.Select(length => new float[length])];
        Array.ForEach(columns, column => file.ReadExactly(MemoryMarshal.AsBytes(column.AsSpan())));
        Assert.Equal(-1, file.ReadByte());
        return columns;
    }
}
