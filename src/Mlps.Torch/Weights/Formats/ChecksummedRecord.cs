namespace Mlps.Torch.Weights.Formats;

/// <summary>A range of the file with a CRC-32 that is checked once, before the first tensor in it is handed out.</summary>
internal sealed class ChecksummedRecord(string name, long offset, long length, uint crc)
{
    public string Name { get; } = name;

    public long Offset { get; } = offset;

    public long Length { get; } = length;

    public uint Crc { get; } = crc;

    public bool Verified { get; set; }
}
