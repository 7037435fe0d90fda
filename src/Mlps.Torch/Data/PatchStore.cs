using System.Security.Cryptography;
using System.Text;

namespace Mlps.Torch.Data;

/// <summary>Decoded patches of one size, as bytes: read once, trained from for many epochs.</summary>
/// <remarks>
/// Held in memory up to a budget and in memory-mapped temporary files beyond it; the files vanish with the process, and the process keeps no more than a quarter of a GiB of them
/// in memory. Adding is for one thread; reading is safe from several.
/// </remarks>
internal sealed class PatchStore : IDisposable
{
    private const int TargetBlockBytes = 64 << 20;

    /// <summary>Beyond this the system's file cache does as well, and gives the memory back when others need it.</summary>
    private const long MaximumBudget = 1L << 30;

    /// <summary>Bytes of mapped files that may be used before their pages are given back to the system.</summary>
    private const long MaximumMapped = 1L << 28;

    private readonly List<PatchBlock> _blocks = [];
    private readonly long _memoryBudget;
    private readonly int _patchesPerBlock;
    private long _mapped;
    private bool _disposed;

    /// <summary>Makes an empty store.</summary>
    /// <param name="layout">The shape of every patch.</param>
    /// <param name="memoryBudget">Bytes kept in memory before blocks go to memory-mapped files; null for a quarter of the memory that the process may use (a container's limit counts), at most 1 GiB.</param>
    /// <exception cref="ArgumentOutOfRangeException">The layout has no pixels, or the budget is negative.</exception>
    public PatchStore(PatchLayout layout, long? memoryBudget = null)
    {
        Guard.AtLeast(layout.Height, 1);
        Guard.AtLeast(layout.Width, 1);
        Guard.AtLeast(layout.ClassCount, 0);
        Guard.AtLeast(layout.MaskCount, 0);
        _memoryBudget = memoryBudget ?? Math.Min(MaximumBudget, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        ArgumentOutOfRangeException.ThrowIfNegative(_memoryBudget, nameof(memoryBudget));
        Layout = layout;
        _patchesPerBlock = Math.Max(1, TargetBlockBytes / layout.PatchBytes);
    }

    /// <summary>The shape of every patch.</summary>
    public PatchLayout Layout { get; }

    /// <summary>Patches added so far.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a zeroed patch and returns its index; fill it through <see cref="Image"/>, <see cref="Label"/> and <see cref="Mask"/>.</summary>
    /// <exception cref="IOException">A temporary file for the patches could not be made.</exception>
    public int Add()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Count == _blocks.Count * _patchesPerBlock)
        {
            var bytes = _patchesPerBlock * Layout.PatchBytes;
            var inMemory = ((long)_blocks.Count + 1) * bytes <= _memoryBudget;
            _blocks.Add(inMemory ? new MemoryBlock(bytes) : Mapped(bytes));
        }

        return Count++;
    }

    /// <summary>Adds a patch: image, label and masks, one after the other.</summary>
    internal void Add(ReadOnlySpan<byte> patch) => patch.CopyTo(Patch(Add()));

    /// <summary>Image, label and masks of a patch, one after the other.</summary>
    internal ReadOnlySpan<byte> Bytes(int index) => Patch(index);

    /// <summary>The image [3, H, W] of a patch, red first, 0..255.</summary>
    public Span<byte> Image(int index) => Patch(index)[Layout.Image];

    /// <summary>The label [C] of a patch: 1 where the tissue occurs, else 0.</summary>
    public Span<byte> Label(int index) => Patch(index)[Layout.Label];

    /// <summary>A mask [H, W] of a patch: class indices, C for background.</summary>
    public Span<byte> Mask(int index, int mask)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(mask);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(mask, Layout.MaskCount);
        return Patch(index)[Layout.Mask(mask)];
    }

    /// <summary>SHA-256 over the layout and every patch, as hexadecimal digits.</summary>
    internal string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Count} {Layout}"));
        for (var i = 0; i < Count; i++)
        {
            hash.AppendData(Patch(i));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Frees the memory and removes the temporary files.</summary>
    public void Dispose()
    {
        _disposed = true;
        _blocks.ForEach(block => block.Dispose());
        _blocks.Clear();
    }

    private static MappedBlock Mapped(int bytes)
    {
        try
        {
            return new MappedBlock(bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The decoded patches need {bytes >> 20} MiB more in the folder of temporary files, '{TemporaryFiles.Folder}': {exception.Message} Make room there, or name another folder in the environment variable {TemporaryFiles.Variable}.",
                exception);
        }
    }

    private Span<byte> Patch(int index)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var (block, place) = Math.DivRem(index, _patchesPerBlock);
        if (_blocks[block] is MappedBlock && Interlocked.Add(ref _mapped, Layout.PatchBytes) > MaximumMapped)
        {
            ReleasePages();
        }

        return _blocks[block].Bytes.Slice(place * Layout.PatchBytes, Layout.PatchBytes);
    }

    /// <summary>Takes mapped pages out of the process; a span in use finds its bytes again.</summary>
    private void ReleasePages()
    {
        Interlocked.Exchange(ref _mapped, 0);
        foreach (var block in _blocks.OfType<MappedBlock>())
        {
            block.ReleasePages();
        }
    }
}
