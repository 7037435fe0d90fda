using Mlps.ML;

namespace Mlps.Label;

/// <summary>What the page asks for while masks are drawn: on which patches, and what is drawn already.</summary>
/// <remarks>For several threads.</remarks>
internal sealed class MaskSession
{
    private readonly LabelSession _session;
    private readonly MaskFolder _masks;
    private readonly int _count;
    private readonly Lazy<Dictionary<string, int>> _byFileName;
    private readonly Lazy<int[]> _order;

    /// <param name="session">Patches and labels.</param>
    /// <param name="masks">Where masks are.</param>
    /// <param name="heldOut">Share of the patches that an export holds out.</param>
    /// <param name="seed">Fixes which slides, as it does in an export.</param>
    /// <param name="count">On how many patches masks are drawn.</param>
    public MaskSession(LabelSession session, MaskFolder masks, double heldOut, int seed, int count)
    {
        (_session, _masks, _count) = (session, masks, count);
        var patches = session.Patches;
        _byFileName = new(() => patches.Patches.ToDictionary(patch => MaskFolder.FileName(patch.Key), patch => patch.Index, StringComparer.Ordinal));
        _order = new(() => MaskChoice.Order(
            patches, session.RandomOrder, heldOut, seed, session.Labels.People.SelectMany(Drawn).Select(index => patches.Patches[index].Slide).ToHashSet(StringComparer.Ordinal)));
    }

    /// <summary>The tissues.</summary>
    public TissueClasses Classes => _masks.Classes;

    /// <summary>The patches on which a person is to draw, and those on which the person did; not those of which the person cannot say what occurs.</summary>
    public IReadOnlyList<PatchFile> Patches(string person)
    {
        var drawn = Drawn(person).ToHashSet();
        int[] chosen = [.. _order.Value.Where(index => drawn.Contains(index) || _session.Labels.Find(person, _session.Patches.Patches[index].Key) is not { Tissues: null or 0 }).Take(_count)];
        return [.. chosen.Concat(drawn.Except(chosen).Order()).Select(index => _session.Patches.Patches[index])];
    }

    /// <summary>A person's mask of a patch; null where there is none.</summary>
    /// <exception cref="TissueDataException">The mask cannot be read, or the patch had another size when it was drawn.</exception>
    public DrawnMask? Find(string person, PatchFile patch) => _masks.Find(person, patch);

    /// <summary>Stores a person's mask of a patch; it is on disk when this returns.</summary>
    /// <exception cref="FormatException">An index of the mask means nothing.</exception>
    /// <exception cref="IOException">The mask is not on disk.</exception>
    public void Save(string person, PatchFile patch, DrawnMask mask)
    {
        mask.Check(Classes);
        _session.Labels.Introduce(person);
        _masks.Save(person, patch, mask);
    }

    private IEnumerable<int> Drawn(string person) => _masks.FileNames(person).Where(_byFileName.Value.ContainsKey).Select(name => _byFileName.Value[name]);
}
