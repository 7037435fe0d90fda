using Mlps.Torch.Data;
using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

[Collection(GlobalGenerator.Name)]
public sealed class AveragedWeightsTests : IDisposable
{
    private static readonly SegmenterTrainingOptions Averaging = new() { Epochs = 3, BatchSize = 8, Seed = 5, WeightAveraging = 0.8 };
    private readonly PatchStore _patches = TwoTissues.Store(32);

    public void Dispose() => _patches.Dispose();

    [Fact]
    public void Update_StepByStep_IsTheMovingAverageWithItsWarmUp()
    {
        using var network = nn.BatchNorm2d(1);
        Fill(network, 1);
        using var average = new AveragedWeights(network, decay: 0.2);

        Fill(network, 2);
        average.Update(0);
        Fill(network, 4);
        average.Update(1);
        Fill(network, 8);
        average.Update(2);

        // Decays 1/10 and 2/11, and then the given one, which is below 3/12.
        var expected = (0.1 * 1) + (0.9 * 2);
        expected = (2 / 11.0 * expected) + (9 / 11.0 * 4);
        expected = (0.2 * expected) + (0.8 * 8);
        Assert.All(["weight", "bias", "running_mean", "running_var"], name => Assert.Equal(expected, average.Weights[name].ToSingle(), 5));
        Assert.Equal(8, average.Weights["num_batches_tracked"].ToInt64());
    }

    [Fact]
    public void Update_WeightsThatDoNotChange_StayTheSameToTheBit()
    {
        using var network = TwoTissues.Segmenter();
        using var average = new AveragedWeights(network, decay: 0.999);
        for (var step = 0; step < 20; step++)
        {
            average.Update(step);
        }

        var before = TwoTissues.Weights(network);
        average.Put();

        Assert.Equal(before, TwoTissues.Weights(network));
    }

    [Fact]
    public void Update_ParametersSideBySide_AreAveragedToTheSameBits()
    {
        using var network = TwoTissues.Segmenter();
        using var optimizer = new NetworkOptimizer(new(), 1, 10, (network.BackboneParameters, 1, Decay: true), (network.HeadParameters, 10, Decay: true));
        using var together = new AveragedWeights(network, decay: 0.6, optimizer.Flats);
        using var oneByOne = new AveragedWeights(network, decay: 0.6);
        for (var step = 0; step < 4; step++)
        {
            foreach (var flat in optimizer.Flats)
            {
                flat.Weights.mul_(0.9).add_(step);
            }

            together.Update(step);
            oneByOne.Update(step);
        }

        Assert.Equal(oneByOne.Weights.Keys, together.Weights.Keys);
        Assert.All(oneByOne.Weights, entry => Assert.True(entry.Value.equal(together.Weights[entry.Key]).all().ToBoolean(), entry.Key));
        together.Put();
        Assert.All(network.state_dict(), entry => Assert.True(entry.Value.equal(oneByOne.Weights[entry.Key]).all().ToBoolean(), entry.Key));
    }

    [Fact]
    public void PutForAWhile_Disposed_PutsTheLearningWeightsBack()
    {
        using var network = nn.BatchNorm2d(1);
        Fill(network, 1);
        using var average = new AveragedWeights(network, decay: 0.5);
        Fill(network, 3);
        var learning = TwoTissues.Weights(network);

        using (average.PutForAWhile())
        {
            Assert.Equal(1, network.weight!.ToSingle());
            Assert.Equal(1, network.running_mean!.ToSingle());
        }

        Assert.Equal(learning, TwoTissues.Weights(network));
    }

    [Fact]
    public void Train_Averaging_ValidatesAndReturnsTheAverageAndLearnsWithoutIt()
    {
        var plain = Learning(Averaging with { WeightAveraging = 0 }, validated: null);
        var validated = new List<double>();
        var averaged = Learning(Averaging, validated);

        // Averaging does not touch what is learnt.
        Assert.Equal(plain.Steps, averaged.Steps);
        var expected = averaged.Start;
        var ends = new List<double>();
        for (var step = 0; step < averaged.Steps.Count; step++)
        {
            var decay = Math.Min(0.8, (1.0 + step) / (10 + step));
            expected = (decay * expected) + ((1 - decay) * averaged.Steps[step]);
            if (step % 4 == 3)
            {
                ends.Add(expected);
            }
        }

        Assert.Equal(12, averaged.Steps.Count);
        Assert.Equal(ends.Select(value => Math.Round(value, 5)), validated.Select(value => Math.Round(value, 5)));
        Assert.Equal(expected, averaged.End, 5);
        Assert.NotEqual(averaged.Steps[^1], averaged.End, 4);
        Assert.Equal(plain.Steps[^1], plain.End);
    }

    [Fact]
    public void Train_AveragingWithoutValidation_ReturnsTheAverage()
    {
        using var network = TwoTissues.Segmenter();
        var last = 0.0;
        new SegmenterTrainer(network, _patches, Averaging, Normalization.None, CPU).Train(
            new ProgressList(report => last = report.EpochEnded ? last : Watched(network)), CancellationToken.None);

        Assert.NotEqual(last, Watched(network), 4);
    }

    [Fact]
    public void Train_AveragingAndTheScoreFalls_KeepsTheBestEpochsAverage()
    {
        using var network = TwoTissues.Segmenter();
        Dictionary<string, string>? first = null;
        var score = 1.0;
        var trainer = new SegmenterTrainer(network, _patches, Averaging, Normalization.None, CPU)
        {
            Validate = trained =>
            {
                first ??= TwoTissues.Weights(trained);
                return [new("meanIoU", score /= 2)];
            },
        };

        trainer.Train(null, CancellationToken.None);

        Assert.Equal(first, TwoTissues.Weights(network));
    }

    [Fact]
    public void Train_Averaging_LeavesNoTensorsBehind()
    {
        using var network = TwoTissues.Segmenter();
        var counts = new List<long>();
        var trainer = new SegmenterTrainer(network, _patches, Averaging, Normalization.None, CPU) { Validate = _ => [new("score", counts.Count)] };
        var before = TwoTissues.LiveTensors;

        trainer.Train(new ProgressList(report => counts.AddRange(report.EpochEnded ? [] : [TwoTissues.LiveTensors])), CancellationToken.None);

        Assert.Single(counts.Skip(4).Distinct());
        Assert.InRange(TwoTissues.LiveTensors, long.MinValue, before);
    }

    /// <summary>One weight before the training, after each step, and at the end; and what validation sees of it.</summary>
    private (double Start, List<double> Steps, double End) Learning(SegmenterTrainingOptions options, List<double>? validated)
    {
        using var network = TwoTissues.Segmenter();
        var start = Watched(network);
        var steps = new List<double>();
        var trainer = new SegmenterTrainer(network, _patches, options, Normalization.None, CPU)
        {
            Validate = trained =>
            {
                validated?.Add(Watched(trained));
                return [new("meanIoU", steps.Count / 100.0)];
            },
        };
        trainer.Train(
            new ProgressList(report =>
            {
                if (!report.EpochEnded)
                {
                    steps.Add(Watched(network));
                }
            }),
            CancellationToken.None);
        return (start, steps, Watched(network));
    }

    private static double Watched(nn.Module network) => network.state_dict()["decoder.last_conv.8.bias"][0].ToSingle();

    private static void Fill(nn.Module network, float value)
    {
        using var noGrad = no_grad();
        foreach (var tensor in network.state_dict().Values)
        {
            tensor.fill_(value);
        }
    }
}
