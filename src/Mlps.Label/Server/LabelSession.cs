namespace Mlps.Label;

/// <summary>What the page asks for: which patch comes next for whom, and who said what.</summary>
/// <remarks>For several threads.</remarks>
internal sealed class LabelSession
{
    private readonly Lock _lock = new();
    private readonly int[] _random;

    /// <summary>For each person, how far into the order everything is answered.</summary>
    private readonly Dictionary<string, int> _answered = new(StringComparer.Ordinal);

    /// <summary>For each person, how many of the answers are of patches that the folder no longer has.</summary>
    private readonly Dictionary<string, int> _elsewhere = new(StringComparer.Ordinal);

    private readonly double?[] _uncertainty;
    private readonly float[]?[] _probabilities;
    private int[] _order;

    /// <param name="patches">The patches.</param>
    /// <param name="labels">Their labels.</param>
    /// <param name="seed">Fixes the order.</param>
    public LabelSession(PatchList patches, LabelFolder labels, int seed)
    {
        (Patches, Labels) = (patches, labels);
        _order = _random = PatchOrder.Random(patches.Patches, seed);
        _uncertainty = new double?[patches.Patches.Count];
        _probabilities = new float[patches.Patches.Count][];
    }

    /// <summary>The patches.</summary>
    public PatchList Patches { get; }

    /// <summary>Their labels.</summary>
    public LabelFolder Labels { get; }

    /// <summary>The patches' indices in a random order, which no model changes.</summary>
    public IReadOnlyList<int> RandomOrder => _random;

    /// <summary>The patches' indices in the order in which they are shown.</summary>
    public IReadOnlyList<int> Order
    {
        get
        {
            lock (_lock)
            {
                return _order;
            }
        }
    }

    /// <summary>The next patches that a person has not answered.</summary>
    public IReadOnlyList<PatchFile> Next(string person, int count)
    {
        lock (_lock)
        {
            var key = PersonName.Key(person);
            var next = new List<PatchFile>(count);
            for (var place = _answered.GetValueOrDefault(key); place < _order.Length && next.Count < count; place++)
            {
                var patch = Patches.Patches[_order[place]];
                if (Labels.Find(person, patch.Key) is null)
                {
                    next.Add(patch);
                }
                else if (next.Count == 0)
                {
                    _answered[key] = place + 1;
                }
            }

            return next;
        }
    }

    /// <summary>How many patches of the folder a person has answered.</summary>
    public int Done(string person)
    {
        lock (_lock)
        {
            var key = PersonName.Key(person);
            if (!_elsewhere.TryGetValue(key, out var elsewhere))
            {
                _elsewhere[key] = elsewhere = Labels.All().Where(log => PersonName.Key(log.Person) == key).SelectMany(log => log.Answers).Count(answer => Patches.Find(answer.Patch) is null);
            }

            return Labels.Count(person) - elsewhere;
        }
    }

    /// <summary>Takes back a person's last answer for a patch of the folder; null where there is none.</summary>
    /// <exception cref="IOException">That is not on disk, and the answer still counts.</exception>
    public Answer? Undo(string person)
    {
        lock (_lock)
        {
            var answer = Labels.Undo(person, patch => Patches.Find(patch) is not null);
            _answered.Remove(PersonName.Key(person));
            _elsewhere.Remove(PersonName.Key(person));
            return answer;
        }
    }

    /// <summary>The model's probability of each tissue in a patch; null where it was not asked.</summary>
    public float[]? Guess(int index)
    {
        lock (_lock)
        {
            return _probabilities[index];
        }
    }

    /// <summary>Takes what a model says of some patches, and puts the most useful first.</summary>
    /// <param name="scores">Indices of patches, and the probability of each tissue in them, 0 to 1.</param>
    public void AddScores(IEnumerable<(int Index, float[] Probabilities)> scores)
    {
        lock (_lock)
        {
            foreach (var (index, probabilities) in scores)
            {
                _probabilities[index] = probabilities;
                _uncertainty[index] = Uncertainty(probabilities);
            }

            _order = PatchOrder.MostUseful(Patches.Patches, _random, _uncertainty);
            _answered.Clear();
        }
    }

    /// <summary>The mean entropy of the tissues' probabilities, in bits: 0 where the model is sure of all, 1 where of none.</summary>
    internal static double Uncertainty(IReadOnlyCollection<float> probabilities) => probabilities.Average(probability =>
    {
        var (yes, no) = ((double)probability, 1.0 - probability);
        return yes <= 0 || no <= 0 ? 0 : -((yes * Math.Log2(yes)) + (no * Math.Log2(no)));
    });
}
