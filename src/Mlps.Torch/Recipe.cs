namespace Mlps.Torch;

/// <summary>Which set of training and inference rules is followed where the published code, the paper and good sense differ.</summary>
public enum Recipe
{
    /// <summary>This library's own: the paper's method with the known bugs of the published code fixed.</summary>
    Default,

    /// <summary>What the published code does, including its known bugs; for comparing with its figures and using its checkpoints.</summary>
    Reference,
}
