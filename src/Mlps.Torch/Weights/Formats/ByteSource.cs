using Microsoft.Win32.SafeHandles;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Random access to the bytes of a file or of a seekable stream; never holds more than the caller's buffers.</summary>
internal sealed class ByteSource : IDisposable
{
    private readonly SafeFileHandle? _file;
    private readonly Stream? _stream;
    private readonly bool _ownsStream;
    private readonly Lock _streamLock = new();
    private readonly long _streamStart;

    private ByteSource(string name, SafeFileHandle file)
    {
        Name = name;
        _file = file;
        Length = RandomAccess.GetLength(file);
    }

    private ByteSource(string name, Stream stream, bool ownsStream)
    {
        Name = name;
        _stream = stream;
        _ownsStream = ownsStream;
        _streamStart = stream.Position;
        Length = stream.Length - _streamStart;
    }

    public string Name { get; }

    public long Length { get; }

    public static ByteSource Open(string path)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
        try
        {
            return new ByteSource(path, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads from where the stream stands to its end; a stream that cannot seek is spilled to a temporary file first.</summary>
    public static ByteSource FromStream(Stream stream, string name)
    {
        if (stream.CanSeek)
        {
            return new ByteSource(name, stream, ownsStream: false);
        }

        var spill = CreateSpill(name);
        try
        {
            stream.CopyTo(spill);
            spill.Position = 0;
            return new ByteSource(name, spill, ownsStream: true);
        }
        catch
        {
            spill.Dispose();
            throw;
        }
    }

    private static FileStream CreateSpill(string name)
    {
        try
        {
            return new FileStream(
                Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 0,
                FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{name}: the stream cannot seek, and needs a copy in the folder of temporary files, '{TemporaryFiles.Folder}': {exception.Message} Name another folder in the environment variable {TemporaryFiles.Variable}, or pass a stream that can seek.",
                exception);
        }
    }

    /// <summary>Fills the destination from an absolute offset.</summary>
    /// <exception cref="WeightFileException">The file ends before the destination is full.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || destination.Length > Length - offset)
        {
            throw EndsTooEarly(offset, destination.Length);
        }

        if (_file is not null)
        {
            ReadFile(_file, offset, destination);
        }
        else
        {
            ReadStream(_stream!, offset, destination);
        }
    }

    public WeightFileException Fail(string problem, Exception? innerException = null) => new(Name, problem, innerException);

    public WeightFileException EndsTooEarly(long offset, long wanted) => Fail(
        $"ends too early: {wanted} bytes were expected at offset {offset}, but the file is {Length} bytes long. "
        + "It is truncated or damaged; copy or download it again.");

    public void Dispose()
    {
        _file?.Dispose();
        if (_ownsStream)
        {
            _stream?.Dispose();
        }
    }

    private void ReadFile(SafeFileHandle file, long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var count = RandomAccess.Read(file, destination, offset);
            if (count == 0)
            {
                throw EndsTooEarly(offset, destination.Length);
            }

            destination = destination[count..];
            offset += count;
        }
    }

    private void ReadStream(Stream stream, long offset, Span<byte> destination)
    {
        lock (_streamLock)
        {
            stream.Position = _streamStart + offset;
            if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            {
                throw EndsTooEarly(offset, destination.Length);
            }
        }
    }
}
