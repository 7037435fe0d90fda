namespace Mlps.Torch.Tests.Weights;

/// <summary>A stream of any length that has given bytes at its start, then zeros.</summary>
internal sealed class LongStream(byte[] start, long length) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = (int)Math.Min(count, length - Position);
        for (var i = 0; i < read; i++, Position++)
        {
            buffer[offset + i] = Position < start.Length ? start[Position] : (byte)0;
        }

        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
