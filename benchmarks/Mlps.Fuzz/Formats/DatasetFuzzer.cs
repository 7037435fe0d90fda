using System.Text;
using Mlps.Fuzz.Damage;
using Mlps.ML;
using Mlps.ML.Tests.Data;
using Mlps.Testing;
using Mlps.Torch.Tests.Weights.Fuzzing;

namespace Mlps.Fuzz.Formats;

/// <summary>A dataset of two patches whose <c>dataset.json</c> is damaged.</summary>
internal sealed class DatasetFuzzer : IFormatFuzzer
{
    private static readonly string[] _sound =
    [
        """{"name": "Tissue", "classes": [{"name": "tumor", "color": "#CD3333"}, {"name": "stroma", "color": "#4169E1"}], "background": {"name": "background", "color": "#FFFFFF"}}""",
        """{"name": "Tissue", "classes": [{"name": "tumor", "color": "#CD3333"}, {"name": "stroma", "color": "#4169E1"}], "background": null, "sourcePattern": "^(?<source>[^-]+)-", "micronsPerPixel": 0.5}""",
        """{"classes": [{"name": "α β", "color": "#000000"}, {"name": "b", "color": "#010101"}], "background": {"name": "c", "color": "#020202"}, "micronsPerPixel": 0.25}""",
    ];

    private readonly int _seed;
    private readonly TemporaryFolder _folder = new();

    public DatasetFuzzer(int seed)
    {
        _seed = seed;
        var png = new PngBuilder { Width = 4, Height = 4, Samples = new byte[16] }.Build();
        File.WriteAllBytes(_folder.File("train/slide1-0[10].png"), png);
        File.WriteAllBytes(_folder.File("train/slide2-0[01].png"), png);
    }

    public void WarmUp()
    {
        foreach (var sound in _sound)
        {
            if (!Read(Encoding.UTF8.GetBytes(sound), sound))
            {
                throw new InvalidOperationException($"The sound file is refused: {sound}");
            }
        }
    }

    public FuzzCase Run(int number)
    {
        var random = FuzzFormats.RandomOf(_seed, number);
        var content = JsonDamage.Apply(random, Encoding.UTF8.GetBytes(_sound[number % _sound.Length]));
        var description = $"dataset.json of {content.Length} bytes";
        return new(Read(content, description), content.Length, description);
    }

    public void Dispose() => _folder.Dispose();

    private bool Read(byte[] content, string description)
    {
        File.WriteAllBytes(_folder.Combine("dataset.json"), content);
        try
        {
            var dataset = TissueDataset.Open(_folder.Path);
            if (dataset.Classes.Count == 0 || dataset.MicronsPerPixel is double.NaN or <= 0)
            {
                throw new FuzzFailureException($"{description}: {dataset.Classes.Count} classes, {dataset.MicronsPerPixel} µm.", null);
            }

            return dataset.Patches(DatasetSplit.Train).Count > 0;
        }
        catch (TissueDataException exception)
        {
            return Refusals.Check(exception, _folder.Path, description);
        }
        catch (Exception exception) when (exception is not FuzzFailureException)
        {
            throw new FuzzFailureException($"{description}: {exception.GetType().Name} instead of {nameof(TissueDataException)}.", exception);
        }
    }
}
