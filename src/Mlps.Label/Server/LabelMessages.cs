using System.Text.Json.Serialization;

namespace Mlps.Label;

/// <summary>A tissue, as the page gets it.</summary>
internal sealed record TissueMessage(string Name, string Color);

/// <summary>Somebody who has labelled, and how many patches.</summary>
internal sealed record PersonMessage(string Name, int Count);

/// <summary>What is labelled here.</summary>
internal sealed record FolderMessage(string Folder, int Patches, int Slides, IReadOnlyList<TissueMessage> Tissues, IReadOnlyList<PersonMessage> People, bool HasModel);

/// <summary>A patch: its index, what it is called, and the person's answer for it, if there is one.</summary>
internal sealed record PatchMessage(int Index, string Name, string Slide, bool HasSurroundings, AnswerMessage? Answer)
{
    /// <summary>The message of a patch for a person.</summary>
    public static PatchMessage Of(PatchFile patch, LabelFolder labels, Surroundings surroundings, string person) => new(
        patch.Index, patch.Key, patch.Slide, surroundings.Has(patch.Key), labels.Find(person, patch.Key) is { } answer ? new AnswerMessage(answer.Tissues is null ? null : answer.Places) : null);
}

/// <summary>An answer: places of tissues, or null for "cannot say".</summary>
internal sealed record AnswerMessage(IReadOnlyList<int>? Tissues);

/// <summary>How far a person is, and what comes next.</summary>
internal sealed record NextMessage(string Person, int Done, int Total, IReadOnlyList<PatchMessage> Next);

/// <summary>A person's last answers, oldest first.</summary>
internal sealed record HistoryMessage(IReadOnlyList<PatchMessage> Patches);

/// <summary>What the page says of a patch.</summary>
internal sealed record GivenMessage(string? Person, int? Index, IReadOnlyList<int>? Tissues, bool CannotSay, double? Seconds);

/// <summary>Who wants to take an answer back.</summary>
internal sealed record UndoMessage(string? Person);

/// <summary>The patch whose answer was taken back; null where there was none.</summary>
internal sealed record UndoneMessage(PatchMessage? Patch, NextMessage State);

/// <summary>What a model expects of a patch: the probability of each tissue; null where it was not asked.</summary>
internal sealed record GuessMessage(IReadOnlyList<float>? Probabilities);

/// <summary>How far two people agree on a tissue.</summary>
internal sealed record AgreementMessage(string Tissue, string First, string Second, int Patches, int Equal, double? Kappa);

/// <summary>What one person said.</summary>
internal sealed record PersonAnswerMessage(string Person, IReadOnlyList<int> Tissues);

/// <summary>A patch on which people disagree.</summary>
internal sealed record DisagreementMessage(int Index, string Name, IReadOnlyList<PersonAnswerMessage> Answers);

/// <summary>How far people agree, and the patches on which they do not.</summary>
internal sealed record ComparisonMessage(IReadOnlyList<AgreementMessage> Agreement, int DisagreementCount, IReadOnlyList<DisagreementMessage> Disagreements);

/// <summary>Why a request failed.</summary>
internal sealed record ErrorMessage(string Error);

/// <summary>How messages are read and written; the code is generated.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FolderMessage))]
[JsonSerializable(typeof(NextMessage))]
[JsonSerializable(typeof(HistoryMessage))]
[JsonSerializable(typeof(PatchMessage))]
[JsonSerializable(typeof(GivenMessage))]
[JsonSerializable(typeof(UndoMessage))]
[JsonSerializable(typeof(UndoneMessage))]
[JsonSerializable(typeof(GuessMessage))]
[JsonSerializable(typeof(ComparisonMessage))]
[JsonSerializable(typeof(MaskListMessage))]
[JsonSerializable(typeof(MaskStateMessage))]
[JsonSerializable(typeof(ErrorMessage))]
internal sealed partial class LabelMessages : JsonSerializerContext;
