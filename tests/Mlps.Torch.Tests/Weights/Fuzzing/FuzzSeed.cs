namespace Mlps.Torch.Tests.Weights.Fuzzing;

/// <summary>A sound weight file to damage.</summary>
internal sealed record FuzzSeed(string Name, byte[] Content);
