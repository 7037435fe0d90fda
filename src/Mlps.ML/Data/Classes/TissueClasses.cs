using System.Collections;
using Mlps.Torch;

namespace Mlps.ML;

/// <summary>The tissues that a dataset tells apart, in the order of their indices, and whether white background is one more.</summary>
/// <remarks>C is the number of tissues; in masks 0..C-1 are tissues and C is background. Two lists are equal when names, colours and background are.</remarks>
public sealed class TissueClasses : IReadOnlyList<TissueClass>, IEquatable<TissueClasses>
{
    /// <summary>The most tissues that a byte mask can hold beside the background.</summary>
    public const int MaximumCount = 254;

    private const int LongestName = 1000;

    /// <summary>Characters that Unicode joins into one, at most: no longer name can be composed into one that is allowed.</summary>
    private const int MostJoined = 4;

    private readonly TissueClass[] _classes;

    /// <summary>Creates a list of tissues; names are converted to Unicode's normalization form C.</summary>
    /// <param name="classes">1 to 254 tissues with names and colours of their own.</param>
    /// <param name="background">White background as a class of its own, which masks mark with index C; null where tissue covers everything.</param>
    /// <exception cref="ArgumentException">There are none or too many, or a name or colour is empty or occurs twice.</exception>
    public TissueClasses(IEnumerable<TissueClass> classes, TissueClass? background = null)
    {
        ArgumentNullException.ThrowIfNull(classes);
        _classes = [.. classes.Select(tissue => Composed(tissue, nameof(classes)))];
        Background = background is null ? null : Composed(background, nameof(background));
        if (_classes.Length is 0 or > MaximumCount)
        {
            throw new ArgumentException($"A dataset has 1 to {MaximumCount} tissue classes; this one has {_classes.Length}.", nameof(classes));
        }

        var all = Background is null ? _classes : [.. _classes, Background];
        if (all.FirstOrDefault(tissue => string.IsNullOrWhiteSpace(tissue.Name)) is { } nameless)
        {
            throw new ArgumentException($"The tissue class of colour {nameless.Color} has no name.", nameof(classes));
        }

        if (all.FirstOrDefault(tissue => tissue.Name.Length > LongestName) is { } longNamed)
        {
            throw TooLong(longNamed.Name, nameof(classes));
        }

        if (all.GroupBy(tissue => tissue.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } sameName)
        {
            throw new ArgumentException($"The tissue class name '{ShortText.Of(sameName.Key)}' occurs twice.", nameof(classes));
        }

        if (all.GroupBy(tissue => tissue.Color).FirstOrDefault(group => group.Count() > 1) is { } sameColor)
        {
            throw new ArgumentException($"The colour {sameColor.Key} stands for {string.Join(" and ", sameColor.Select(tissue => $"'{ShortText.Of(tissue.Name)}'"))}.", nameof(classes));
        }

        Names = [.. _classes.Select(tissue => tissue.Name)];
        Palette = [.. _classes.Select(tissue => tissue.Color), background?.Color ?? TissueColor.White];
    }

    /// <summary>LUAD-HistoSeg's four tissues of lung adenocarcinoma, with white background.</summary>
    public static TissueClasses LuadHistoSeg { get; } = new(
        [
            new("tumor epithelium", new(205, 51, 51)),
            new("necrosis", new(0, 255, 0)),
            new("lymphocyte", new(65, 105, 225)),
            new("tumor-associated stroma", new(255, 165, 0)),
        ],
        new("background", TissueColor.White));

    /// <summary>BCSS-WSSS's four tissues of breast cancer; white pixels of its masks are not scored, but no background is predicted.</summary>
    public static TissueClasses BcssWsss { get; } = new(
        [
            new("tumor", new(255, 0, 0)),
            new("stroma", new(0, 255, 0)),
            new("lymphocyte", new(0, 0, 255)),
            new("necrosis", new(153, 0, 255)),
        ]);

    /// <summary>C, the number of tissues, background not among them.</summary>
    public int Count => _classes.Length;

    /// <summary>White background, or null where tissue covers everything.</summary>
    public TissueClass? Background { get; }

    /// <summary>The index that masks mark background and unscored pixels with: C.</summary>
    public int BackgroundIndex => Count;

    /// <summary>The C names.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>C + 1 colours, background last; white where the dataset has none.</summary>
    public IReadOnlyList<TissueColor> Palette { get; }

    /// <summary>Reads the form that <see cref="ToJson"/> writes and that dataset.json has; no background where the key is missing or null.</summary>
    /// <exception cref="FormatException">The text is no JSON, or not of that form, or breaks a rule of the constructor.</exception>
    public static TissueClasses FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return TissueClassesJson.Read(json).Classes;
    }

    /// <summary>The classes as JSON: <c>{"classes": [{"name": …, "color": "#RRGGBB"}, …], "background": null or one more}</c>.</summary>
    public string ToJson() => TissueClassesJson.Write(this);

    /// <inheritdoc/>
    public TissueClass this[int index] => _classes[index];

    /// <inheritdoc/>
    public IEnumerator<TissueClass> GetEnumerator() => ((IEnumerable<TissueClass>)_classes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(TissueClasses? other) => other is not null && Background == other.Background && _classes.AsSpan().SequenceEqual(other._classes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TissueClasses);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Count, Background, _classes[0]);

    /// <summary>The names, for messages.</summary>
    public override string ToString() => string.Join(", ", Names) + (Background is null ? string.Empty : $" and {Background.Name}");

    private static TissueClass Composed(TissueClass tissue, string parameter) =>
        string.IsNullOrEmpty(tissue.Name) ? tissue
        : tissue.Name.Length > MostJoined * LongestName ? throw TooLong(tissue.Name, parameter)
        : tissue with { Name = NameForm.Compose(tissue.Name) };

    private static ArgumentException TooLong(string name, string parameter) =>
        new($"The name of a tissue class may have {LongestName} characters: '{ShortText.Of(name)}'.", parameter);
}
