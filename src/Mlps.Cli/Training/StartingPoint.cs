namespace Mlps.Cli.Training;

/// <summary>What both networks start from.</summary>
internal enum StartingPoint
{
    /// <summary>ResNet-18 with the weights of ML.NET's image featurizer.</summary>
    Pretrained,

    /// <summary>Random weights, or the files given.</summary>
    Random,
}
