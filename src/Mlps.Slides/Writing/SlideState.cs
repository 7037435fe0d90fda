namespace Mlps.Slides;

/// <summary>What became of a slide.</summary>
public enum SlideState
{
    /// <summary>All files are written.</summary>
    Finished,

    /// <summary>Left out for a reason that is given.</summary>
    Skipped,

    /// <summary>Something went wrong, which is given.</summary>
    Failed,
}
