using System.Buffers;
using System.Runtime.InteropServices;

namespace Mlps.ML;

/// <summary>Memory for the pixels of one image while it is decoded: pooled for small images, taken from the system and given back for large ones, which the pool would keep.</summary>
internal sealed unsafe class PixelMemory : IDisposable
{
    private const int LargestPooled = 16 << 20;

    private readonly int _length;
    private byte[]? _pooled;
    private void* _own;

    public PixelMemory(int length)
    {
        _length = length;
        if (length > LargestPooled)
        {
            _own = NativeMemory.Alloc((nuint)length);
        }
        else
        {
            _pooled = ArrayPool<byte>.Shared.Rent(length);
        }
    }

    /// <summary>The bytes; valid until this object is disposed.</summary>
    public Span<byte> Bytes => _pooled is not null ? _pooled.AsSpan(0, _length) : new Span<byte>(_own, _length);

    public void Dispose()
    {
        if (_pooled is { } pooled)
        {
            _pooled = null;
            ArrayPool<byte>.Shared.Return(pooled);
        }

        NativeMemory.Free(_own);
        _own = null;
    }
}
