using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Xunit;

namespace Mlps.Torch.Tests.Weights;

public sealed class ProceduralWeightsTests
{
    [Fact]
    public void Hash24_Fc8Weight_GivesTheCheckValues()
    {
        uint[] expected = [6634426, 4454978, 4734193, 3227750, 11676893, 8169500, 14120251, 1254289];

        Assert.Equal(expected, Enumerable.Range(0, 8).Select(i => ProceduralWeights.Hash24("fc8.weight", (ulong)i)));
    }

    [Theory]
    [InlineData("conv1a.weight", new long[] { 64, 3, 3, 3 }, new uint[] { 0xbe224e13, 0xbe6cc3c0, 0xbdd1ea4b, 0x3e8cfad8 })]
    [InlineData("fc8.weight", new long[] { 4, 4096, 1, 1 }, new uint[] { 0xbbb971f1, 0xbc4fec7e, 0xbc412a41, 0xbc886574 })]
    [InlineData("bn7.weight", new long[] { 4096 }, new uint[] { 0x3f67806a, 0x3f7f0bd6, 0x3f978e8a, 0x3f828500 })]
    [InlineData("bn7.bias", new long[] { 4096 }, new uint[] { 0x3d3de360, 0xbdc14dce, 0x3b20bf9a, 0x3a895d9a })]
    [InlineData("bn7.running_var", new long[] { 4096 }, new uint[] { 0x3f84db2f, 0x3f6602e0, 0x3f54b04c, 0x3f677994 })]
    [InlineData("backbone.layer1.0.bn3.weight", new long[] { 256 }, new uint[] { 0x3e7dfaf4, 0x3e451c0d, 0x3e601578, 0x3e9ec48a })]
    [InlineData("decoder.last_conv.8.bias", new long[] { 4 }, new uint[] { 0x3cdc03c0, 0x3d07fa66, 0xbd0e944d, 0x3d99a4de })]
    public void Values_FirstFour_HaveTheCheckBits(string name, long[] shape, uint[] expected)
    {
        Assert.Equal(expected, ProceduralWeights.Values(name, shape).Take(4).Select(BitConverter.SingleToUInt32Bits));
    }

    [Theory]
    [InlineData("stage1_small", 417340, "107aa04cadf2b6040a9c5873b11b5aa60523303f985cc49e326622f2af319f59")]
    [InlineData("stage2_small", 954004, "21fc59e4eb956cb3fd636260df6e0c3a726f11b7ac5ccffbe4831d9b2616f320")]
    public void Values_WholeNetwork_HashToTheCheckValue(string network, int count, string expected)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var floats = 0;
        foreach ((var name, var shape, _) in Fixture.Shapes(network).Where(tensor => tensor.Type == "float32"))
        {
            var values = ProceduralWeights.Values(name, shape);
            floats += values.Length;
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        Assert.Equal(count, floats);
        Assert.Equal(expected, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
