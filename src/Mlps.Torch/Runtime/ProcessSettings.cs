namespace Mlps.Torch.Runtime;

/// <summary>The process-wide settings that loading libtorch changes; the application can switch off each.</summary>
/// <remarks>
/// They are set when libtorch is loaded and not before. A switch is one of <see cref="AppContext"/>: <c>AppContext.SetSwitch(name, false)</c> before the first use of a network, or a <c>RuntimeHostConfigurationOption</c> in the
/// project file.
/// </remarks>
internal static class ProcessSettings
{
    /// <summary>Whether this library decides which libtorch is loaded, instead of TorchSharp.</summary>
    public const string LoadLibTorch = "Mlps.Torch.LoadLibTorch";

    /// <summary>Whether freed memory is kept for the next tensors, up to a bound.</summary>
    public const string KeepFreedMemory = "Mlps.Torch.KeepFreedMemory";

    /// <summary>Whether threads of OpenMP fall asleep soon while they wait.</summary>
    public const string WaitBriefly = "Mlps.Torch.WaitBriefly";

    /// <summary>Whether oneDNN is told the sizes of caches that a virtual machine hides.</summary>
    public const string CorrectCaches = "Mlps.Torch.CorrectCaches";

    /// <summary>Whether cuDNN searches for the fastest algorithm of each new shape; off unless asked for.</summary>
    public const string SearchConvolutions = "Mlps.Torch.SearchConvolutions";

    private static readonly Lock _gate = new();
    private static readonly SortedDictionary<string, string> _outcomes = new(StringComparer.Ordinal);

    /// <summary>Whether the application leaves a setting on, as it is unless a switch says otherwise.</summary>
    public static bool IsOn(string name) => !AppContext.TryGetSwitch(name, out var isOn) || isOn;

    /// <summary>Whether the application turns on a setting that is off by itself.</summary>
    public static bool IsAskedFor(string name) => AppContext.TryGetSwitch(name, out var isOn) && isOn;

    /// <summary>Notes what became of a setting.</summary>
    public static void Note(string name, string outcome)
    {
        lock (_gate)
        {
            _outcomes[name] = outcome;
        }
    }

    /// <summary>Notes that a switch has turned a setting off.</summary>
    public static void NoteOff(string name) => Note(name, "off, as the application's switch says");

    /// <summary>A line for each setting: its switch, and what became of it.</summary>
    public static IReadOnlyList<string> Describe()
    {
        lock (_gate)
        {
            return
            [
                .. ((string[])[LoadLibTorch, KeepFreedMemory, WaitBriefly, CorrectCaches]).Select(name => $"{name}: {_outcomes.GetValueOrDefault(name) ?? Undecided(name)}"),
                $"{SearchConvolutions}: {(IsAskedFor(SearchConvolutions) ? "on for GPUs, as the application's switch says" : "off")}",
            ];
        }
    }

    private static string Undecided(string name) => IsOn(name) ? "on, from when libtorch is loaded" : "off, as the application's switch says";
}
