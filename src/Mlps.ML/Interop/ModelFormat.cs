using System.Globalization;
using System.Reflection;
using Microsoft.ML;

namespace Mlps.ML.Interop;

/// <summary>How one kind of transformer stands in a model file.</summary>
/// <param name="LoaderAssembly">The assembly with the <c>LoadableClass</c> attribute that <paramref name="LoaderSignature"/> names.</param>
/// <param name="Signature">Exactly eight characters that mark the content.</param>
/// <param name="LoaderSignature">The name, at most 24 characters, by which ML.NET finds the class.</param>
/// <param name="Version">Version of the layout that is written; also the oldest reader that understands it.</param>
/// <param name="OldestReadable">The oldest layout that is still read.</param>
internal sealed record ModelFormat(Assembly LoaderAssembly, string Signature, string LoaderSignature, int Version, int OldestReadable)
{
    /// <remarks>
    /// The assembly goes in by its simple name: with the full name a file of a newer release would not be found by an older one, and the
    /// user would read of assembly manifests where the real cause is the layout's version.
    /// </remarks>
    public VersionInfo ToVersionInfo() => new(
        modelSignature: Signature,
        verWrittenCur: (uint)Version,
        verReadableCur: (uint)Version,
        verWeCanReadBack: (uint)OldestReadable,
        loaderAssemblyName: LoaderAssembly.GetName().Name,
        loaderSignature: LoaderSignature);

    /// <summary>Null when this release can read a file with such a header, else why not.</summary>
    public string? WhyUnreadable(in ModelHeader header)
    {
        var own = ToVersionInfo();
        return header.ModelSignature != own.ModelSignature || header.ModelVerReadable > header.ModelVerWritten
            ? $"the part for {LoaderSignature} is not what its name says; the model file is damaged."
            : header.ModelVerReadable > own.VerWrittenCur
            ? string.Create(CultureInfo.InvariantCulture, $"{LoaderSignature} was written in layout {header.ModelVerWritten}, which is newer than the layout {Version} that this release reads. Update {LoaderAssembly.GetName().Name}.")
            : header.ModelVerWritten < own.VerWeCanReadBack
            ? string.Create(CultureInfo.InvariantCulture, $"{LoaderSignature} was written in layout {header.ModelVerWritten}; this release reads {OldestReadable} to {Version}. Load and save the model with an older release of {LoaderAssembly.GetName().Name}.")
            : null;
    }
}
