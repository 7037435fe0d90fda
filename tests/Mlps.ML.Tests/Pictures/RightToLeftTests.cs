using Xunit;

namespace Mlps.ML.Tests.Pictures;

/// <summary>Names in scripts that are read from the right, as a row of letters from the left.</summary>
public class RightToLeftTests
{
    [Theory]
    [InlineData("gland (CD8)", "gland (CD8)")]
    [InlineData("\u05D1\u05DC", "\u05DC\u05D1")]
    [InlineData("\u05D1\u05DC 42", "42 \u05DC\u05D1")]
    [InlineData("gland \u05D1\u05DC", "gland \u05DC\u05D1")]
    [InlineData("\u05D1 \u05DC gland", "gland \u05DC \u05D1")]
    [InlineData("\u05D1 (\u05DC)", "(\u05DC) \u05D1")]
    [InlineData("\u05D1\u05B8\u05DC", "\u05DC\u05D1\u05B8")]
    [InlineData(" \u05B8", " \u05B8")]
    [InlineData("\u05D1\u05DC…", "…\u05DC\u05D1")]
    public void Visual_MixedText_IsInTheOrderInWhichItIsSeen(string read, string seen) => Assert.Equal(seen, RightToLeft.Visual(read, _ => true));

    [Theory]
    [InlineData("\u0648\u0631\u0645", "\uFEED\uFEAD\uFEE1")]
    [InlineData("\u063A\u062F\u0629", "\uFECF\uFEAA\uFE93")]
    [InlineData("\u0646\u0633\u064A\u062C", "\uFEE7\uFEB4\uFEF4\uFE9E")]
    [InlineData("\u062E\u0644\u0627\u064A\u0627", "\uFEA7\uFEFC\uFEF3\uFE8E")]
    [InlineData("\u0646\u064E\u0633", "\uFEE7\u064E\uFEB2")]
    [InlineData("\u06A9\u06CC", "\uFB90\uFBFD")]
    [InlineData("gland", "gland")]
    public void Join_ArabicLetters_TakeTheShapesOfTheirPlaces(string alone, string joined) => Assert.Equal(joined, ArabicShapes.Join(alone, _ => true));

    [Fact]
    public void Join_ShapesThatNoTypefaceHas_StayLetters() => Assert.Equal("\u0646\u0633", ArabicShapes.Join("\u0646\u0633", _ => false));
}
