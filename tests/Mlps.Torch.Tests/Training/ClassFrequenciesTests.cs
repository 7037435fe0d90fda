using Mlps.Torch.Data;
using Mlps.Torch.Training;
using Xunit;

namespace Mlps.Torch.Tests.Training;

public sealed class ClassFrequenciesTests
{
    [Fact]
    public void Compute_MasksWithBackground_CountsTissueOfTheAskedMaskAlone()
    {
        using var store = new PatchStore(new PatchLayout(2, 2, 3, 2));
        Add([9, 9, 9, 9], [0, 0, 0, 1]);
        Add([9, 9, 9, 9], [1, 3, 3, 3]);

        Assert.Equal([0.6, 0.4, 0], ClassFrequencies.Compute(store, mask: 1, classCount: 3));

        void Add(byte[] first, byte[] second)
        {
            var index = store.Add();
            first.CopyTo(store.Mask(index, 0));
            second.CopyTo(store.Mask(index, 1));
        }
    }

    [Fact]
    public void Compute_BackgroundAlone_IsZero()
    {
        using var store = new PatchStore(new PatchLayout(1, 1, 2, 1));
        store.Mask(store.Add(), 0)[0] = 2;

        Assert.Equal([0, 0], ClassFrequencies.Compute(store, mask: 0, classCount: 2));
    }

    [Fact]
    public void Weights_GiveTheInverseLogarithm() =>
        Assert.Equal([1 / Math.Log(1.52), 1 / Math.Log(1.02)], ClassFrequencies.Weights([0.5, 0]).Select(weight => (double)weight), (expected, actual) => Math.Abs(expected - actual) < 1e-5 * expected);
}
