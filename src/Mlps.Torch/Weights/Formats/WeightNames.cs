namespace Mlps.Torch.Weights.Formats;

/// <summary>How the names of a group become those of a network: the prefixes that are stripped, and what comes out.</summary>
/// <param name="Prefixes">What is stripped, the most frequent first; empty where names fit as they are.</param>
/// <param name="Targets">The network's name of each tensor, or null for one that lies outside the prefixes and is passed over.</param>
/// <param name="Matched">Tensors that find a place of their own shape.</param>
/// <param name="Unexpected">Tensors that find none, but for those outside the prefixes.</param>
/// <param name="Rivals">Other prefixes that fit equally well, with nothing to tell which is meant.</param>
internal sealed record WeightNames(
    IReadOnlyList<string> Prefixes, IReadOnlyList<string?> Targets, int Matched, int Unexpected, IReadOnlyList<string> Rivals);
