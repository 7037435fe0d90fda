using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

public sealed class BestWeightsTests : IDisposable
{
    private readonly nn.Module _network = nn.BatchNorm2d(3);
    private readonly BestWeights _best = new();

    public void Dispose()
    {
        _best.Dispose();
        _network.Dispose();
    }

    [Fact]
    public void Restore_AfterLaterChanges_PutsWeightsAndStatisticsBack()
    {
        Fill(2);
        Assert.True(_best.Offer(_network, 0.5));
        Fill(3);
        Assert.False(_best.Offer(_network, 0.4));
        Fill(4);

        _best.Restore(_network);

        Assert.Equal(0.5, _best.Score);
        Assert.All(_network.state_dict().Values, tensor => Assert.True(tensor.eq(2).all().ToBoolean()));
    }

    [Fact]
    public void Offer_EqualScore_KeepsTheEarlierWeights()
    {
        Fill(2);
        _best.Offer(_network, 0.5);
        Fill(3);

        Assert.False(_best.Offer(_network, 0.5));
    }

    [Fact]
    public void Offer_AfterAScoreThatIsNoNumber_TakesTheNextOne()
    {
        Fill(2);
        _best.Offer(_network, double.NaN);
        Fill(3);

        Assert.True(_best.Offer(_network, 0.1));
        Assert.False(_best.Offer(_network, double.NaN));
        Assert.Equal(0.1, _best.Score);
    }

    [Fact]
    public void Restore_NothingOffered_ChangesNothing()
    {
        Fill(2);

        _best.Restore(_network);

        Assert.All(_network.state_dict().Values, tensor => Assert.True(tensor.eq(2).all().ToBoolean()));
    }

    [Fact]
    public void Offer_ManyTimes_KeepsOneCopyOnly()
    {
        Fill(1);
        _best.Offer(_network, 0);
        var before = TwoTissues.LiveTensors;

        for (var score = 1; score < 10; score++)
        {
            _best.Offer(_network, score);
        }

        Assert.Equal(before, TwoTissues.LiveTensors);
    }

    private void Fill(float value)
    {
        using var noGrad = no_grad();
        foreach (var tensor in _network.state_dict().Values)
        {
            tensor.fill_(value);
        }
    }
}
