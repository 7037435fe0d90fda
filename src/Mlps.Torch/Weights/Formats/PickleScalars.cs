using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads a pickle's numbers, texts and byte strings, each charged to a budget.</summary>
internal sealed class PickleScalars(ByteSource source, ByteReader reader, ParseBudget budget)
{
    /// <summary>Longest line of the opcodes that hold text lines: numbers, and names of globals.</summary>
    public const int MaxLineLength = 256;

    private const int MaxIntegerBytes = 64;

    private static readonly object True = true;
    private static readonly object False = false;
    private static readonly object[] SmallIntegers = [.. Enumerable.Range(0, 256).Select(i => (object)(long)i)];

    /// <summary>Reads the operand of an opcode that stands for a value of its own; false where the opcode is another.</summary>
    public bool TryRead(PickleOpcode opcode, long offset, out object? value)
    {
        value = opcode switch
        {
            PickleOpcode.None => null,
            PickleOpcode.NewTrue => True,
            PickleOpcode.NewFalse => False,
            PickleOpcode.BinInt1 => SmallIntegers[reader.ReadByte()],
            PickleOpcode.BinInt2 => Integer(reader.ReadUInt16()),
            PickleOpcode.BinInt => Integer(reader.ReadInt32()),
            PickleOpcode.Long1 => LongInteger(reader.ReadByte(), offset),
            PickleOpcode.Long4 => LongInteger(reader.ReadUInt32(), offset),
            PickleOpcode.Int or PickleOpcode.Long => IntegerLine(offset),
            PickleOpcode.BinFloat => BigEndianDouble(),
            PickleOpcode.Float => FloatLine(offset),
            PickleOpcode.ShortBinUnicode => reader.ReadText(reader.ReadByte(), budget),
            PickleOpcode.BinUnicode => reader.ReadText(reader.ReadUInt32(), budget),
            PickleOpcode.BinUnicode8 => reader.ReadText(reader.ReadUInt64(), budget),
            PickleOpcode.ShortBinString => Python2Text(reader.ReadByte(), offset),
            PickleOpcode.BinString => Python2Text(reader.ReadUInt32(), offset),
            PickleOpcode.ShortBinBytes => reader.ReadArray(reader.ReadByte(), budget),
            PickleOpcode.BinBytes => reader.ReadArray(reader.ReadUInt32(), budget),
            PickleOpcode.BinBytes8 or PickleOpcode.ByteArray8 => reader.ReadArray(reader.ReadUInt64(), budget),
            _ => null,
        };
        return value is not null || opcode == PickleOpcode.None;
    }

    /// <summary>Reads up to the end of a line, which is not part of it.</summary>
    public string ReadLine(long offset)
    {
        Span<char> line = stackalloc char[MaxLineLength];
        for (var length = 0; length < line.Length; length++)
        {
            var c = (char)reader.ReadByte();
            if (c == '\n')
            {
                budget.ChargeText(length, offset);
                return new string(line[..length]);
            }

            line[length] = c;
        }

        throw Damaged(offset, $"a line longer than {MaxLineLength} characters");
    }

    private object Integer(long value)
    {
        if (value is >= 0 and < 256)
        {
            return SmallIntegers[value];
        }

        budget.Charge(sizeof(long), reader.Position);
        return value;
    }

    private object LongInteger(uint byteCount, long offset)
    {
        if (byteCount > MaxIntegerBytes)
        {
            throw Damaged(offset, $"an integer of {byteCount} bytes");
        }

        var value = new BigInteger(reader.ReadArray(byteCount, budget));
        return value >= long.MinValue && value <= long.MaxValue ? Integer((long)value) : value;
    }

    private object IntegerLine(long offset)
    {
        var line = ReadLine(offset);
        if (line is "00" or "01")
        {
            return line == "01" ? True : False;
        }

        return long.TryParse(line.TrimEnd('L'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? Integer(value)
            : throw Damaged(offset, "an integer that is none");
    }

    private double BigEndianDouble()
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        reader.Read(bytes);
        budget.Charge(sizeof(double), reader.Position);
        return BinaryPrimitives.ReadDoubleBigEndian(bytes);
    }

    private double FloatLine(long offset)
    {
        budget.Charge(sizeof(double), offset);
        return double.TryParse(ReadLine(offset), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Damaged(offset, "a number that is none");
    }

    private string Python2Text(uint byteCount, long offset)
    {
        var bytes = reader.ReadArray(byteCount, budget);
        budget.ChargeText(bytes.Length, offset);
        return Encoding.Latin1.GetString(bytes);
    }

    private WeightFileException Damaged(long offset, string found) =>
        source.Fail($"the pickle holds {found} (opcode at offset {offset}); the file is damaged.");
}
