using Xunit;

namespace Mlps.ML.Tests.Files;

public sealed class NameFormTests
{
    [Theory]
    [InlineData("plain-[1 0].png", "plain-[1 0].png")]
    [InlineData("gro\u0308\u00DFe", "gr\u00F6\u00DFe")]
    [InlineData("e\u0302\u0301", "\u1EBF")]
    [InlineData("e\u0301\u0302", "\u00E9\u0302")]
    [InlineData("a\u0301\u0327", "\u00E1\u0327")]
    [InlineData("c\u0301\u0327", "\u1E09")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\u30AB\u3099", "\u30AC")]
    [InlineData("\uD834\uDD5E", "\uD834\uDD57\uD834\uDD65")]
    [InlineData("\uFB01", "\uFB01")]
    [InlineData("\uD800\u0301", "\uD800\u0301")]
    public void Compose_Name_IsComposed(string name, string composed)
    {
        Assert.Equal(composed, NameForm.Compose(name));
        Assert.Equal(composed, NameForm.Compose(composed));
        Assert.True(NameForm.Comparer.Equals(name, composed));
        Assert.Equal(NameForm.Comparer.GetHashCode(name), NameForm.Comparer.GetHashCode(composed));
    }

    [Fact]
    public async Task Compose_ManyMarks_TakesNoTime()
    {
        const int Count = 100_000;
        var marks = string.Concat(Enumerable.Repeat("\u0301\u0323\u0300", Count));

        var composed = await Task.Run(() => NameForm.Compose("o" + marks + "e" + marks)).WaitAsync(TimeSpan.FromSeconds(30));

        // Marks above keep their order; the first mark below joins its letter.
        string below = new('\u0323', Count - 1), above = string.Concat(Enumerable.Repeat("\u0301\u0300", Count));
        Assert.Equal("\u1ECD" + below + above + "\u1EB9" + below + above, composed);
    }

    [Fact]
    public void Comparer_OtherNames_Differ() => Assert.False(NameForm.Comparer.Equals("größe", "grosse"));

    [Fact]
    public void TissueClasses_NamesInEitherForm_AreEqual()
    {
        TissueClass[] composed = [new("Dr\u00FCse", new(1, 2, 3))], decomposed = [new("Dru\u0308se", new(1, 2, 3))];

        Assert.Equal(new TissueClasses(composed), new TissueClasses(decomposed));
        Assert.Equal(new TissueClasses(composed).Names, TissueClasses.FromJson("""{"classes": [{"name": "Dru""" + "\u0308" + """se", "color": "#010203"}]}""").Names);
        Assert.Contains("occurs twice", Assert.Throws<ArgumentException>(() => new TissueClasses([.. composed, decomposed[0] with { Color = TissueColor.White }])).Message, StringComparison.Ordinal);
    }
}
