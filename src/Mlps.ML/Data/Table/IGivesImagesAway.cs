namespace Mlps.ML;

/// <summary>A row whose image getters give a new image each time, which belongs to the caller.</summary>
internal interface IGivesImagesAway
{
    /// <summary>Whether they do.</summary>
    bool GivesImagesAway { get; }
}
