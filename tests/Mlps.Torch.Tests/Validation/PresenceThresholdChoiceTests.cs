using Mlps.Torch.Validation;
using Xunit;

namespace Mlps.Torch.Tests.Validation;

public sealed class PresenceThresholdChoiceTests
{
    [Fact]
    public void Choose_ClassSeenWithTooLittleConfidence_IsTheMiddleOfWhatSeparates() =>
        Assert.InRange(PresenceThresholdChoice.Choose([0.05f, 0.2f, 0.4f, 0.45f, 0.6f], [false, false, true, true, true]), 0.29, 0.32);

    [Fact]
    public void Choose_ClassSeenWithTooMuchConfidence_IsAboveOneHalf() =>
        Assert.InRange(PresenceThresholdChoice.Choose([0.05f, 0.6f, 0.7f, 0.8f, 0.99f], [false, false, false, true, true]), 0.73, 0.77);

    [Fact]
    public void Choose_ClassesThatOverlap_MaximisesF1AndNotAccuracy()
    {
        // Above 0.2: three right, two wrong, F1 6/8. Above 0.5: one right, accuracy 5/7 as well, F1 2/4.
        float[] probabilities = [0.9f, 0.31f, 0.25f, 0.4f, 0.35f, 0.1f, 0.05f];
        bool[] present = [true, true, true, false, false, false, false];

        Assert.InRange(PresenceThresholdChoice.Choose(probabilities, present), 0.10, 0.25);
    }

    [Fact]
    public void Choose_OneHalfIsAsGood_KeepsIt() =>
        Assert.Equal(0.5, PresenceThresholdChoice.Choose([0.05f, 0.1f, 0.9f, 0.95f], [false, false, true, true]));

    [Fact]
    public void Choose_LittleGained_KeepsOneHalf()
    {
        // One patch in 500 would be right besides: F1 rises from 998/999 to 1.
        float[] probabilities = [.. Enumerable.Repeat(0.9f, 499), 0.4f, .. Enumerable.Repeat(0.01f, 500)];
        bool[] present = [.. Enumerable.Repeat(true, 500), .. Enumerable.Repeat(false, 500)];

        Assert.Equal(0.5, PresenceThresholdChoice.Choose(probabilities, present));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Choose_ClassInAllPatchesOrNone_KeepsOneHalf(bool present) =>
        Assert.Equal(0.5, PresenceThresholdChoice.Choose([0.1f, 0.2f, 0.3f], [present, present, present]));

    [Theory]
    [InlineData(0.001f, 0.02f, 0.10)]
    [InlineData(0.95f, 0.999f, 0.90)]
    public void Choose_ThresholdBeyondTheRange_StaysInIt(float absent, float present, double bound)
    {
        // The two patches beside it make one end of the range the best of what may be chosen.
        var middle = bound < 0.5 ? 0.3f : 0.6f;
        var chosen = PresenceThresholdChoice.Choose([absent, present, middle], [false, true, bound < 0.5]);

        Assert.InRange(chosen, 0.1, 0.9);
        Assert.NotEqual(0.5, chosen);
    }
}
