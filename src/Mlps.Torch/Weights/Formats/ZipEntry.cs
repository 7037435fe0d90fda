namespace Mlps.Torch.Weights.Formats;

/// <summary>A record of a zip archive, stored uncompressed: where its bytes lie, and their CRC-32 (0 where none was computed).</summary>
internal readonly record struct ZipEntry(string Name, long Offset, long Length, uint Crc)
{
    public ChecksummedRecord ToRecord() => new(Name, Offset, Length, Crc);
}
