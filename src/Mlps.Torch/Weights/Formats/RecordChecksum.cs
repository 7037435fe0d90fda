using System.IO.Hashing;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Checks the CRC-32 of a record in constant memory.</summary>
internal static class RecordChecksum
{
    private const int ChunkBytes = 1 << 16;

    /// <summary>Reads the record once and marks it verified.</summary>
    /// <param name="source">The file.</param>
    /// <param name="record">The range to check.</param>
    /// <param name="content">What it holds, for the message.</param>
    /// <exception cref="WeightFileException">The bytes are not the ones that were written.</exception>
    public static void Verify(ByteSource source, ChecksummedRecord record, string content)
    {
        // 0 is what PyTorch writes where computing checksums was switched off.
        if (record.Verified || record.Crc == 0)
        {
            return;
        }

        var checksum = new Crc32();
        var chunk = new byte[(int)Math.Min(record.Length, ChunkBytes)];
        for (long done = 0; done < record.Length;)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, record.Length - done));
            source.Read(record.Offset + done, part);
            checksum.Append(part);
            done += part.Length;
        }

        var crc = checksum.GetCurrentHashAsUInt32();
        if (crc != record.Crc)
        {
            throw source.Fail(
                $"{content} (record '{record.Name}') has the checksum {crc:x8}, but {record.Crc:x8} was written; the file is damaged. "
                + "Copy or download it again.");
        }

        record.Verified = true;
    }
}
