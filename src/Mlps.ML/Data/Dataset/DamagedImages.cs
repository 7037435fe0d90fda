namespace Mlps.ML;

/// <summary>What becomes of images and masks that cannot be read.</summary>
public enum DamagedImages
{
    /// <summary>Reading one throws; training reads all images before its first step.</summary>
    Fail,

    /// <summary>Every file is read once to find them; they are left out, and counted as warnings in the context's log, which name the first 20.</summary>
    Skip,
}
