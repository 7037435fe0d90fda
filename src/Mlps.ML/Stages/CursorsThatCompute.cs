namespace Mlps.ML.Stages;

/// <summary>Counts cursors that compute a network on the thread that reads them, so that a view sees whether its input's cursor holds one.</summary>
internal static class CursorsThatCompute
{
    [ThreadStatic]
    private static long _opened;

    /// <summary>How many were opened on this thread so far.</summary>
    public static long Opened
    {
        get => _opened;
        set => _opened = value;
    }
}
