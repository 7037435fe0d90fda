using System.Runtime.InteropServices;
using Mlps.Testing;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Training;
using Mlps.Torch.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>Whatever a host has done to TorchSharp's state, every entry gives the same and leaves that state as it was.</summary>
[Collection(GlobalGenerator.Name)]
public sealed class HostStateTests : IDisposable
{
    private readonly LibraryEntries _entries = new();

    public static TheoryData<string, string> Combinations
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (state, entry) in from state in HostState.Names from entry in LibraryEntries.Names select (state, entry))
            {
                data.Add(state, entry);
            }

            return data;
        }
    }

    public static TheoryData<string> States => [.. HostState.Names];

    public void Dispose() => _entries.Dispose();

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Entry_InAnyStateOfTheHost_GivesTheSameAndLeavesTheState(string state, string entry)
    {
        var expected = _entries.Run(entry);

        using var host = HostState.Enter(state);
        var actual = _entries.Run(entry);

        Assert.Empty(host.Changes());
        Assert.Equal(expected, actual);
    }

    [Theory]
    [MemberData(nameof(States))]
    public void EntryThatThrows_LeavesTheState(string state)
    {
        using var classifier = LibraryEntries.CreateClassifier();
        using var segmenter = LibraryEntries.CreateSegmenter();
        using var wrong = TwoTissues.RandomImages(1, 8, 8).narrow(1, 0, 2);
        using var host = HostState.Enter(state);

        Assert.ThrowsAny<ExternalException>(() => classifier.PredictProbabilities(wrong));
        Assert.ThrowsAny<ExternalException>(() => classifier.PredictWindowProbabilities(wrong));
        Assert.ThrowsAny<ExternalException>(() => classifier.ComputeActivationMaps(wrong, ActivationLayers.Default));
        Assert.ThrowsAny<ExternalException>(() => segmenter.PredictLogits(wrong, PredictionMode.Whole));
        Assert.ThrowsAny<ExternalException>(() => segmenter.PredictMasks(wrong, gate: null, new PredictionOptions()));
        Assert.Throws<WeightMismatchException>(() => classifier.Network.LoadWeights(_entries.Save(segmenter.Network)));
        Assert.Throws<InvalidOperationException>(() => _entries.TrainClassifier(_ => throw new InvalidOperationException("Stop.")));

        Assert.Empty(host.Changes());
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Classifier_MadeInAnyStateOfTheHost_GivesActivationMapsAfterwards(string state)
    {
        var expected = _entries.ComputeActivationMaps(LibraryEntries.CreateClassifier);
        PatchClassifier? made = null;
        using (HostState.Enter(state))
        {
            made = LibraryEntries.CreateClassifier();

            // Makes the copy in 16 bits, too.
            made.PredictProbabilities(_entries.Images, Precision.BFloat16).Dispose();
        }

        Assert.Equal(expected, _entries.ComputeActivationMaps(() => made));
    }

    [Fact]
    public void Results_OfPredictions_CanBeChangedAndLearntFrom()
    {
        using var classifier = LibraryEntries.CreateClassifier();
        using var segmenter = LibraryEntries.CreateSegmenter();
        Tensor[] results =
        [
            classifier.PredictProbabilities(_entries.Images),
            classifier.PredictWindowProbabilities(_entries.Images),
            classifier.ComputeActivationMaps(_entries.Images, ActivationLayers.Default),
            segmenter.PredictLogits(_entries.Images, PredictionMode.Whole),
            segmenter.PredictProbabilities(_entries.Images, gate: null, new PredictionOptions()),
        ];

        Assert.All(results, result =>
        {
            result.add_(1);
            var factor = ones(1).requires_grad_();
            result.mul(factor).sum().backward();
            Assert.NotNull(factor.grad);
        });
        segmenter.PredictMasks(_entries.Images, gate: null, new PredictionOptions()).add_(1);
    }

    [Fact]
    public async Task Trainings_AtOnceWithOneSeed_GiveWhatOneGives()
    {
        var expected = _entries.TrainClassifier();

        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(number => Task.Run(() => _entries.TrainClassifier(name: $"{number}"))));

        Assert.All(both, weights => Assert.Equal(expected, weights));
    }

    [Fact]
    public void Progress_IsReportedInTheHostsOwnState()
    {
        Tensor? made = null;
        var seen = new HashSet<(bool, bool)>();
        using (no_grad())
        {
            _entries.TrainClassifier(_ =>
            {
                seen.Add((is_grad_enabled(), is_inference_mode_enabled()));
                made ??= ones(1);
            });
        }

        Assert.Equal([(false, false)], seen);
        Assert.False(made!.IsInvalid);
        made.Dispose();
    }
}
