using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Mlps.ML.Stages;

/// <summary>The row that getters speak of at this moment.</summary>
internal interface ICurrentRow
{
    /// <summary>Slot of the row in its batch.</summary>
    /// <exception cref="InvalidOperationException">There is no current row.</exception>
    int Slot { get; }
}

/// <summary>Values of one column for the rows of a batch, each owned by the buffer.</summary>
/// <remarks>What getters hand out are copies, so a consumer may keep, change or dispose them.</remarks>
internal abstract class ColumnBuffer : IDisposable
{
    private const BindingFlags Factory = BindingFlags.Static | BindingFlags.NonPublic;

    /// <summary>A buffer for values of a column's type.</summary>
    public static ColumnBuffer Create(DataViewType type, int capacity) => type switch
    {
        ImageDataViewType => new ImageBuffer(capacity),
        VectorDataViewType vector => (ColumnBuffer)typeof(ColumnBuffer).GetMethod(nameof(CreateVector), Factory)!.MakeGenericMethod(vector.ItemType.RawType).Invoke(null, [capacity])!,
        _ => (ColumnBuffer)typeof(ColumnBuffer).GetMethod(nameof(CreateScalar), Factory)!.MakeGenericMethod(type.RawType).Invoke(null, [capacity])!,
    };

    /// <summary>Makes a column of a row the place that <see cref="Read"/> reads from.</summary>
    public abstract void Attach(DataViewRow row, DataViewSchema.Column column);

    /// <summary>Reads the attached row's present value into a slot.</summary>
    public abstract void Read(int slot);

    /// <summary>Exchanges the value of a slot with one of another buffer for the same column.</summary>
    public abstract void Swap(int slot, ColumnBuffer other, int otherSlot);

    /// <summary>A <c>ValueGetter</c> that hands out copies.</summary>
    /// <param name="row">Which row to hand out.</param>
    /// <param name="prepare">Called first, with the row checked; fills the buffer where it is filled late.</param>
    public abstract Delegate CreateGetter(ICurrentRow row, Action prepare);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    private static VectorBuffer<T> CreateVector<T>(int capacity) => new VectorBuffer<T>(capacity);

    private static ScalarBuffer<T> CreateScalar<T>(int capacity) => new ScalarBuffer<T>(capacity);
}

/// <summary>Values of one type.</summary>
/// <param name="capacity">Rows in a batch, at most.</param>
internal abstract class ColumnBuffer<T>(int capacity) : ColumnBuffer
{
    private ValueGetter<T>? _source;

    /// <summary>The values, owned by this buffer.</summary>
    public T[] Slots { get; } = new T[capacity];

    public override void Attach(DataViewRow row, DataViewSchema.Column column) => _source = row.GetGetter<T>(column);

    public override void Read(int slot) =>
        Read(_source ?? throw new InvalidOperationException("A column of results cannot be read from the input."), ref Slots[slot]);

    public override void Swap(int slot, ColumnBuffer other, int otherSlot)
    {
        var others = ((ColumnBuffer<T>)other).Slots;
        (Slots[slot], others[otherSlot]) = (others[otherSlot], Slots[slot]);
    }

    /// <summary>Hands out a copy of a slot's value.</summary>
    public void Get(int slot, ref T value) => Copy(in Slots[slot], ref value);

    /// <summary>Puts a value, which belongs to the buffer from now on, in the place of the last one.</summary>
    public virtual void Replace(int slot, T value) => Slots[slot] = value;

    public override Delegate CreateGetter(ICurrentRow row, Action prepare)
    {
        void Get(ref T value)
        {
            var slot = row.Slot;
            prepare();
            Copy(in Slots[slot], ref value);
        }

        return (ValueGetter<T>)Get;
    }

    protected abstract void Read(ValueGetter<T> source, ref T slot);

    protected abstract void Copy(in T slot, ref T value);
}

/// <summary>Numbers, text, dates, keys and other values that are copied by assignment.</summary>
internal sealed class ScalarBuffer<T>(int capacity) : ColumnBuffer<T>(capacity)
{
    protected override void Read(ValueGetter<T> source, ref T slot)
    {
        // A fresh value each time: a source that fills the object it is given would otherwise change the rows before.
        T value = default!;
        source(ref value);
        slot = value;
    }

    protected override void Copy(in T slot, ref T value) => value = slot;
}

/// <summary>Vectors, whose values are copied.</summary>
internal sealed class VectorBuffer<T>(int capacity) : ColumnBuffer<VBuffer<T>>(capacity)
{
    protected override void Read(ValueGetter<VBuffer<T>> source, ref VBuffer<T> slot) => source(ref slot);

    protected override void Copy(in VBuffer<T> slot, ref VBuffer<T> value) => slot.CopyTo(ref value);
}
