using System.Globalization;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Looks through everything that a pickle holds, from the root down, for tensors that have names.</summary>
/// <remarks>
/// Dictionaries, lists, tuples and the attributes of unknown objects are looked into, each once, to a depth of <see cref="MaxDepth"/>.
/// A dictionary of tensors is a group; so are a list of (name, tensor) pairs and a whole network.
/// </remarks>
internal sealed class TorchGroupSearch(ByteSource source, ParseBudget budget)
{
    /// <summary>Containers within containers that are looked into.</summary>
    public const int MaxDepth = 16;

    private const int VisitBytes = 96;
    private const int MaxSkipped = 64;
    private const int MaxKeyLength = 64;
    private const string NumpyArray = "numpy.ndarray";

    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<Place> _places = new();
    private readonly List<Place> _objects = [];

    public List<WeightGroup> Groups { get; } = [];

    /// <summary>Tensors in lists and tuples, which have no names.</summary>
    public int NamelessTensors { get; private set; }

    /// <summary>Objects of unknown classes that hold no tensors: their type, and where they lie.</summary>
    public List<string> SkippedObjects { get; } = [];

    public void Run(object? root)
    {
        Visit(root, null, string.Empty);
        while (_places.TryDequeue(out var place))
        {
            Search(place);
        }

        foreach (var place in _objects.Where(place => !place.HoldsTensors))
        {
            if (SkippedObjects.Count == MaxSkipped)
            {
                SkippedObjects.Add("and more");
                break;
            }

            var name = new WeightGroup(place.Path(), [], []).Name;
            SkippedObjects.Add($"'{TypeOf(place.Value)}'{(name.Length > 0 ? $" at '{name}'" : string.Empty)}");
        }
    }

    private static string TypeOf(object? value) => value is PickleOpaque opaque ? opaque.Type : ((UnknownGlobal)value!).FullName;

    private void Visit(object? value, Place? parent, string key)
    {
        if (value is not (PickleDict or PickleList or object?[] { Length: > 0 } or PickleOpaque or UnknownGlobal) || !_seen.Add(value))
        {
            return;
        }

        budget.Charge(VisitBytes, 0);
        var place = new Place(value, parent, key.Length > MaxKeyLength ? key[..MaxKeyLength] + "…" : key);
        if (value is PickleOpaque or UnknownGlobal && place.Owner is null)
        {
            place.Owner = place;
            _objects.Add(place);
        }

        if (place.Depth <= MaxDepth && value is not UnknownGlobal)
        {
            _places.Enqueue(place);
        }
    }

    private void Search(Place place)
    {
        switch (place.Value)
        {
            case PickleDict dict:
                AddGroup(place, dict);
                VisitItems(dict, place);
                break;
            case PickleOpaque module when TorchModuleState.Recognises(module):
                AddGroup(place, TorchModuleState.Items(module, budget));
                break;
            case PickleOpaque opaque:
                SearchObject(opaque, place);
                break;
            case IReadOnlyList<object?> list:
                AddGroup(place, Pairs(list));
                NamelessTensors += list.Count(item => item is PickledTensor);
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is PickleDict or PickleList or object?[] or PickleOpaque or UnknownGlobal)
                    {
                        Visit(list[i], place, string.Create(CultureInfo.InvariantCulture, $"[{i}]"));
                    }
                }

                break;
        }
    }

    private void SearchObject(PickleOpaque opaque, Place place)
    {
        if (opaque.Items is { } items)
        {
            AddGroup(place, items);
            VisitItems(items, place);
        }

        foreach (var content in new object?[] { opaque.State, opaque.Elements, opaque.Arguments })
        {
            switch (content)
            {
                case PickleDict attributes when _seen.Add(attributes):
                    AddGroup(place, attributes);
                    VisitItems(attributes, place);
                    break;
                case PickleList or object?[] { Length: > 0 }:
                    foreach (var item in (IEnumerable<object?>)content)
                    {
                        // A class or function that the object was made with belongs to the object.
                        if (item is not UnknownGlobal)
                        {
                            Visit(item, place, string.Empty);
                        }
                    }

                    break;
            }
        }
    }

    private void VisitItems(PickleDict dict, Place place)
    {
        foreach ((var key, var value) in dict)
        {
            if (value is PickleDict or PickleList or object?[] or PickleOpaque or UnknownGlobal)
            {
                Visit(value, place, Text(key));
            }
        }
    }

    private static string Text(object? key) => key switch
    {
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => "?",
    };

    private static IEnumerable<KeyValuePair<object?, object?>> Pairs(IReadOnlyList<object?> list) => list
        .Select(item => item as IReadOnlyList<object?>)
        .Where(pair => pair is [string, PickledTensor or UnsupportedTensor])
        .Select(pair => new KeyValuePair<object?, object?>(pair![0], pair[1]));

    private void AddGroup(Place place, IEnumerable<KeyValuePair<object?, object?>> items)
    {
        var tensors = new List<StoredTensor>();
        var unreadable = new List<UnreadableWeight>();
        foreach ((var key, var value) in items)
        {
            if (key is not (string or long) || value is not (PickledTensor or UnsupportedTensor or PickleOpaque))
            {
                continue;
            }

            var name = Text(key);
            if (name.Length > StoredTensor.MaxNameLength)
            {
                throw source.Fail($"has a tensor name of {name.Length} characters; expected at most {StoredTensor.MaxNameLength}. The file is damaged.");
            }

            var problem = string.Empty;
            if (value is PickledTensor tensor && TorchTensorLocation.Locate(source, budget, name, tensor, out problem) is { } stored)
            {
                tensors.Add(stored);
                continue;
            }

            unreadable.Add(value switch
            {
                PickleOpaque opaque => new UnreadableWeight(name, $"is no tensor, but a {opaque.Type}; save a tensor in its place", IsTensor: opaque.Type == NumpyArray),
                UnsupportedTensor unsupported => new UnreadableWeight(name, unsupported.Problem, IsTensor: true),
                _ => new UnreadableWeight(name, problem, IsTensor: true),
            });
            budget.Charge(VisitBytes + (2L * unreadable[^1].Problem.Length), 0);
        }

        if (tensors.Count > 0)
        {
            place.MarkTensors();
        }

        if (tensors.Count > 0 || unreadable.Count > 0)
        {
            RequireDistinct(tensors);
            Groups.Add(new WeightGroup(place.Path(), tensors, unreadable));
        }
    }

    private void RequireDistinct(List<StoredTensor> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (tensors.Find(tensor => !names.Add(tensor.Entry.Name)) is { } second)
        {
            throw source.Fail($"the tensor '{second.Entry.Name}' occurs twice; the file is damaged.");
        }
    }

    /// <summary>A container and its path.</summary>
    private sealed class Place(object value, Place? parent, string key)
    {
        public object Value { get; } = value;

        public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

        /// <summary>The outermost unknown object around it, or itself.</summary>
        public Place? Owner { get; set; } = parent?.Owner;

        public bool HoldsTensors { get; private set; }

        public void MarkTensors()
        {
            if (Owner is { } owner)
            {
                owner.HoldsTensors = true;
            }
        }

        public string[] Path()
        {
            var path = new List<string>();
            for (var place = this; place is not null; place = place.Parent)
            {
                if (place.Key.Length > 0)
                {
                    path.Add(place.Key);
                }
            }

            path.Reverse();
            return [.. path];
        }

        private Place? Parent { get; } = parent;

        private string Key { get; } = key;
    }
}
