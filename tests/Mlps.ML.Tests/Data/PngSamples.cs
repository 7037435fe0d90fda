namespace Mlps.ML.Tests.Data;

/// <summary>Contents of images to write.</summary>
internal static class PngSamples
{
    public static byte[] Indices(Random random, int count, int bound) => [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(bound))];

    public static byte[] Colors(int count) => [.. Enumerable.Range(0, count * 3).Select(i => (byte)i)];
}
