using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;

namespace Mlps.Benchmarks.Setup;

/// <summary>Reads the masks of a table.</summary>
internal static class Masks
{
    /// <summary>All masks, one after the other; returns their pixels.</summary>
    public static int Read(IDataView predicted)
    {
        var column = predicted.Schema[TissueColumns.PredictedMask];
        using var cursor = predicted.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<byte>>(column);
        VBuffer<byte> mask = default;
        var pixels = 0;
        while (cursor.MoveNext())
        {
            getter(ref mask);
            pixels += mask.Length;
        }

        return pixels;
    }

    /// <summary>The same, each row read when it is requested.</summary>
    public static int ReadInTurn(IDataView predicted)
    {
        AppContext.SetSwitch(WorkAhead.SwitchName, false);
        try
        {
            return Read(predicted);
        }
        finally
        {
            AppContext.SetSwitch(WorkAhead.SwitchName, true);
        }
    }
}
