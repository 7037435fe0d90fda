namespace Mlps.ML;

/// <summary>A kind of tissue that patches are labelled with.</summary>
/// <param name="Name">What it is called; unique among the classes of a dataset.</param>
/// <param name="Color">What it is drawn with; unique too, so that a mask can be read back.</param>
public sealed record TissueClass(string Name, TissueColor Color);
