using Mlps.Torch.Weights.Formats;
using Xunit;

namespace Mlps.Torch.Tests.Weights;

public sealed class Crc32Tests
{
    [Fact]
    public void Append_CheckText_GivesTheStandardsCheckValue()
    {
        Assert.Equal(0xCBF43926, Crc32.Append(0, "123456789"u8));
    }

    [Fact]
    public void Append_InParts_GivesTheSameAsAtOnce()
    {
        byte[] bytes = new byte[1000];
        new Random(3).NextBytes(bytes);
        uint whole = Crc32.Append(0, bytes);

        for (int split = 0; split < 40; split++)
        {
            Assert.Equal(whole, Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, split)), bytes.AsSpan(split)));
        }
    }
}
