using System.IO.MemoryMappedFiles;

namespace Mlps.Torch.Data;

/// <summary>A run of patches, somewhere.</summary>
internal abstract class PatchBlock : IDisposable
{
    public abstract Span<byte> Bytes { get; }

    public abstract void Dispose();
}

/// <summary>A run of patches on the managed heap.</summary>
internal sealed class MemoryBlock(int length) : PatchBlock
{
    private readonly byte[] _bytes = new byte[length];

    public override Span<byte> Bytes => _bytes;

    public override void Dispose()
    {
    }
}

/// <summary>A run of patches in a temporary file, mapped; the operating system moves it out of memory when it must.</summary>
internal sealed unsafe class MappedBlock : PatchBlock
{
    private readonly FileStream _file;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int _length;

    public MappedBlock(int length)
    {
        _length = length;
        var path = Path.Combine(Path.GetTempPath(), $"mlps-patches-{Environment.ProcessId}-{Guid.NewGuid():N}.tmp");

        // Room is set aside at once: a full disk is an error here, and would be the end of the process while the mapping is written.
        _file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 0,
            Options = FileOptions.DeleteOnClose,
            PreallocationSize = length,
        });
        try
        {
            _file.SetLength(length);
            if (!OperatingSystem.IsWindows())
            {
                // The mapping keeps the bytes; without its name the file cannot outlive the process, however that ends.
                File.Delete(path);
            }

            _map = MemoryMappedFile.CreateFromFile(_file, mapName: null, length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            _view = _map.CreateViewAccessor(0, length);
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        }
        catch
        {
            _view?.Dispose();
            _map?.Dispose();
            _file.Dispose();
            throw;
        }
    }

    public override Span<byte> Bytes => new(_start, _length);

    /// <summary>Takes the pages out of the process's memory; the system keeps what was written, and brings pages back when they are read.</summary>
    public void ReleasePages() => MemoryAdvice.NotNeeded(_start, _length);

    public override void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
        _file.Dispose();
    }
}
