namespace Mlps.Torch.Weights.Formats;

/// <summary>Bounds the managed memory that describing a file may take, so that a small file cannot describe a large structure.</summary>
/// <remarks>
/// Every object that a parser keeps is charged at least what it costs. The allowance is the file's own length plus a fixed reserve
/// for small files, whose descriptions are long beside their values; honest files stay far below it.
/// </remarks>
internal sealed class ParseBudget(ByteSource source)
{
    /// <summary>Allowance beyond the length of the file.</summary>
    public const long Reserve = 8L << 20;

    private long _left = checked(source.Length + Reserve);

    /// <summary>Charges an object with the given payload.</summary>
    public void Charge(long payloadBytes, long offset)
    {
        const long ObjectOverhead = 32;
        if (payloadBytes > _left - ObjectOverhead)
        {
            throw source.Fail(
                $"what it describes up to offset {offset} needs more memory than the file is long ({source.Length} bytes plus {Reserve}); "
                + "the file is damaged or hostile.");
        }

        _left -= payloadBytes + ObjectOverhead;
    }

    /// <summary>Charges a string of so many characters.</summary>
    public void ChargeText(long characters, long offset) => Charge(checked(2 * characters), offset);
}
