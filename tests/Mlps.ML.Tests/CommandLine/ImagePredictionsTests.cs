using System.Runtime.InteropServices;
using Microsoft.ML;
using Mlps.Cli.Output;
using Mlps.ML.Tests.Data;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>An image that fails stops no other; what every image would meet stops all.</summary>
public sealed class ImagePredictionsTests : IDisposable
{
    private readonly MLContext _ml = new();
    private readonly DatasetBuilder _files = new();
    private readonly List<string> _predicted = [];
    private readonly List<(string Name, string Reason)> _failed = [];

    public ImagePredictionsTests()
    {
        for (var i = 0; i < 8; i++)
        {
            _files.Image($"images/{i}.png");
        }
    }

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("3")]
    [InlineData("0")]
    [InlineData("7")]
    [InlineData("0 1 2 3 4 5 6 7")]
    [InlineData("1 3 5 7")]
    [InlineData("4 5 6")]
    public void Run_ImagesCannotBeRead_OthersArePredicted(string damaged)
    {
        foreach (var name in damaged.Split(' '))
        {
            File.WriteAllBytes(_files.PathOf($"images/{name}.png"), File.ReadAllBytes(_files.PathOf($"images/{name}.png"))[..40]);
        }

        Run(static _ => { });

        Expect(damaged);
        Assert.All(_failed, failed => Assert.Contains($"{failed.Name}.png: The PNG ends", failed.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("4")]
    [InlineData("0 7")]
    [InlineData("0 1 2 3 4 5 6 7")]
    public void Run_NetworkFailsWithSomeImages_OthersOfTheirBatchesArePredicted(string unfit)
    {
        var names = unfit.Split(' ');

        Run(batch =>
        {
            if (batch.Any(row => names.Any(name => row.StartsWith($"'{name}'", StringComparison.Ordinal))))
            {
                throw new ArgumentException("the image does not fit");
            }
        });

        Expect(unfit);
        Assert.All(_failed, failed => Assert.Contains($"failed on '{failed.Name}' (row 0): the image does not fit", failed.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_ModelIsBroken_EndsAtOnce()
    {
        var checks = 0;

        Assert.Throws<TissueDataException>(() => Run(
            static _ => throw new ArithmeticException("no number"),
            () => throw new TissueDataException($"checked {++checks}")));

        Assert.Equal(1, checks);
        Assert.Empty(_failed);
    }

#pragma warning disable CA2201 // What the runtime and libtorch throw.
    public static TheoryData<Exception> Fatal =>
    [
        new OutOfMemoryException(), new ExternalException("[enforce fail] DefaultCPUAllocator: can't allocate memory"), new ExternalException("CUDA out of memory."),
        new ObjectDisposedException("model"), new IOException("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28),
        new NullReferenceException(),
    ];
#pragma warning restore CA2201

    [Theory]
    [MemberData(nameof(Fatal))]
    public void Run_WhatEveryImageWouldMeet_EndsAtOnce(Exception fatal)
    {
        Assert.ThrowsAny<Exception>(() => Run(batch =>
        {
            if (batch.Any(row => row.StartsWith("'4'", StringComparison.Ordinal)))
            {
                throw fatal;
            }
        }));

        Assert.Equal(["0", "1", "2"], _predicted);
        Assert.Empty(_failed);
    }

    [Fact]
    public void Run_Stopped_EndsBeforeTheNextImage()
    {
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => Run(static _ => { }, step: () =>
        {
            if (_predicted.Count == 2)
            {
                stop.Cancel();
            }
        }, stop: stop.Token));

        Assert.Equal(["0", "1"], _predicted);
    }

    [Theory]
    [InlineData("/tmp/out of memory.png: The PNG ends")]
    public void FatalFailure_NameOfAFile_DoesNotMakeIt(string message) => Assert.False(FatalFailure.Is(new TissueDataException(message)));

    private void Run(Action<IReadOnlyList<string>> inside, Action? checkModel = null, Action? step = null, CancellationToken stop = default)
    {
        using var stage = new MaskingStage(_ml, inside);
        new ImagePredictions(_ml, TissueDataset.LoadImages(_ml, _files.PathOf("images")), stage.Transform, checkModel ?? (static () => { })).Run(
            (image, row) =>
            {
                Assert.Equal(image.Name, row.Name);
                _predicted.Add(row.Name);
                step?.Invoke();
            },
            (image, exception) => _failed.Add((image.Name, exception.Message)),
            stop);
    }

    private void Expect(string failed)
    {
        Assert.Equal(failed.Split(' '), _failed.Select(item => item.Name));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"{i}").Except(failed.Split(' ')), _predicted);
    }
}
