using Mlps.Testing;

namespace Mlps.Package.Tests;

/// <summary>
/// Every notebook of samples/notebooks, run from top to bottom in a process, a folder and from packages of its own. With MLPS_UPDATE_NOTEBOOKS=1 what its cells put out is stored in it; without, it must be what is stored there.
/// </summary>
public sealed class NotebookTests(PackedLibraries packed) : IClassFixture<PackedLibraries>
{
    private const string UpdateVariable = "MLPS_UPDATE_NOTEBOOKS";
    private static readonly string _host = Path.Combine(AppContext.BaseDirectory, "Mlps.Notebook.Host.dll");
    private static readonly string _folder = Path.Combine(RepositoryFolder.Root, "samples", "notebooks");

    public static TheoryData<string> Notebooks => [.. Directory.GetFiles(_folder, "*.ipynb").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Notebooks))]
    public void Notebook_RunFromTopToBottom_PutsOutWhatIsStored(string name)
    {
        var stored = Path.Combine(_folder, name);

        var fresh = Run(stored);

        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.Move(fresh, stored, overwrite: true);
        }

        Assert.Equal(NotebookOutput.Read(stored), NotebookOutput.Read(File.Exists(fresh) ? fresh : stored));
    }

    /// <summary>What .NET Interactive answers with red warnings, and what comes along by itself.</summary>
    [Theory]
    [MemberData(nameof(Notebooks))]
    public void Notebook_HasNothingThatIsNotNeeded(string name)
    {
        var text = File.ReadAllText(Path.Combine(_folder, name));

        Assert.DoesNotContain("HTML(", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SkiaSharp.NativeAssets", text, StringComparison.Ordinal);
        Assert.Contains("#r \\\"nuget: Mlps.ML, 0.2.0-dev.*\\\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Notebook_WithHtmlOfItsOwn_ShowsItAsHtml()
    {
        var source = Path.Combine(packed.Folder, "html.ipynb");
        var output = Path.Combine(packed.Folder, "html-output.ipynb");
        File.WriteAllText(source, """{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["\"<b>text</b>\".DisplayAs(\"text/html\");"]}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}""");

        Command.Successful(packed.Folder, _host, source, output);

        Assert.Equal(["cell 1: display_data text/html: <b>text</b>"], NotebookOutput.Read(output));
    }

    [Fact]
    public void Notebook_WithACellThatDoesNotCompile_FailsWithTheCellAndTheFault()
    {
        var broken = Path.Combine(packed.Folder, "broken.ipynb");
        File.WriteAllText(broken, """{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["var one = 1;"]}, {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["one + nothing"]}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}""");

        var (exitCode, output) = Command.DotNet(packed.Folder, _host, broken, Path.Combine(packed.Folder, "broken-output.ipynb"));

        Assert.Equal(1, exitCode);
        Assert.Contains("Cell 2:", output, StringComparison.Ordinal);
        Assert.Contains("'nothing' does not exist", output, StringComparison.Ordinal);
    }

    private string Run(string notebook)
    {
        var folder = Directory.CreateDirectory(Path.Combine(packed.Folder, Path.GetFileNameWithoutExtension(notebook))).FullName;
        var fresh = Path.Combine(folder, "output.ipynb");
        var (exitCode, output) = Command.DotNet(
            folder, threads: Environment.ProcessorCount, _host, notebook, fresh, packed.Feed, $"Mlps.ML={packed.Version}", $"Mlps.Torch={packed.Version}");
        Assert.True(exitCode == 0, $"{Path.GetFileName(notebook)} does not run:\n{output}");
        return fresh;
    }
}
