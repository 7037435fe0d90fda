namespace Mlps.Torch.Tests.Weights;

internal static class StreamExtensions
{
    public static MemoryStream Rewound(this MemoryStream stream)
    {
        stream.Position = 0;
        return stream;
    }
}
