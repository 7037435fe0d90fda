using System.Runtime.InteropServices;

namespace Mlps.Torch.Runtime;

/// <summary>A platform, and whether there is a libtorch for it.</summary>
/// <param name="System">The operating system: <c>linux</c>, <c>linux-musl</c>, <c>win</c>, <c>osx</c>, or another.</param>
/// <param name="Processor">The processor architecture of the process.</param>
internal readonly record struct TorchPlatform(string System, Architecture Processor)
{
    /// <summary>The platforms for which the package TorchSharp-cpu brings a libtorch.</summary>
    public const string Served = "linux-x64 (glibc), win-x64 and osx-arm64";

    /// <summary>The platform of this process.</summary>
    public static TorchPlatform Current { get; } = new(CurrentSystem(), RuntimeInformation.ProcessArchitecture);

    /// <summary>Whether TorchSharp-cpu brings a libtorch for it.</summary>
    public bool IsServed => this is { System: "linux" or "win", Processor: Architecture.X64 } or { System: "osx", Processor: Architecture.Arm64 };

    /// <summary>Whether this library knows how to load libtorch there: Linux with glibc on x64.</summary>
    public bool IsLoadedByUs => this is { System: "linux", Processor: Architecture.X64 };

    /// <summary>The name that .NET gives it (runtime identifier).</summary>
    public override string ToString() => $"{System}-{Processor.ToString().ToLowerInvariant()}";

    /// <summary>Why nothing can be computed here, or null where it can be tried.</summary>
    /// <param name="isFolderNamed">Whether <c>MLPS_LIBTORCH</c> is set.</param>
    /// <param name="carriesTorchSharp">Whether the application carries TorchSharp's native library for this platform, built by somebody.</param>
    public string? WhyNot(bool isFolderNamed, Func<bool> carriesTorchSharp)
    {
        if (!IsServed && !carriesTorchSharp())
        {
            return $"This process runs on {this}, for which there is neither a libtorch nor TorchSharp's native library: {Served} have them. Publish the application for one of these. Everything that needs no network works here.";
        }

        return isFolderNamed && !IsLoadedByUs
            ? $"{LibTorch.FolderVariable} is set, and it works on linux-x64 with glibc alone; this process runs on {this}. Unset it, and reference the NuGet package TorchSharp-cpu in the application."
            : null;
    }

    private static string CurrentSystem() =>
        OperatingSystem.IsWindows() ? "win"
        : OperatingSystem.IsMacOS() ? "osx"
        : !OperatingSystem.IsLinux() ? RuntimeInformation.OSDescription
        : HasGlibc() ? "linux"
        : "linux-musl";

    // Distributions build .NET under names of their own (alpine.3.20-x64), so the C library itself is asked.
    private static bool HasGlibc() =>
        !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
        && NativeLibrary.TryLoad("libc.so.6", out var library)
        && NativeLibrary.TryGetExport(library, "gnu_get_libc_version", out _);
}
