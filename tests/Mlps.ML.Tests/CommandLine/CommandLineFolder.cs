using System.Diagnostics;
using Mlps.ML.Tests.Chain;
using Mlps.ML.Tests.Files;
using Mlps.Testing;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>A folder with a model, images and a dataset, that the command line works in as a process of its own.</summary>
internal sealed class CommandLineFolder : IDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    public CommandLineFolder(TrainedChain chain)
    {
        chain.Ml.Model.Save(chain.Model, inputSchema: null, File("model.zip"));
        System.IO.File.WriteAllText(File("data/dataset.json"), TinyTissue.Classes.ToJson());
        Shell.Run(Path, "chmod -R a+rwX .");
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("mlps-line-").FullName;

    public string File(string path)
    {
        var full = System.IO.Path.Combine(Path, path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        return full;
    }

    public CommandLineFolder Image(string path, int number = 0, string extension = "png")
    {
        using var image = TinyTissue.Image(number, TinyTissue.Side, TinyTissue.Side);
        image.Save(File("image." + extension));
        System.IO.File.Move(File("image." + extension), File(path));
        return this;
    }

    public CommandLineFolder Mask(string path, IReadOnlyList<TissueColor>? palette = null)
    {
        PalettePng.Write(File(path), TinyTissue.Mask(0, TinyTissue.Side, TinyTissue.Side), TinyTissue.Side, TinyTissue.Side, palette ?? TinyTissue.Classes.Palette);
        return this;
    }

    public string[] FilesIn(string folder) =>
        [.. Directory.EnumerateFiles(System.IO.Path.Combine(Path, folder), "*", SearchOption.AllDirectories).Select(file => System.IO.Path.GetRelativePath(System.IO.Path.Combine(Path, folder), file)).Order(StringComparer.Ordinal)];

    /// <summary>Runs the command line.</summary>
    public (int ExitCode, string Output) Run(params string[] arguments) => RunAs([], arguments);

    /// <summary>Runs it as the argument of another command.</summary>
    public (int ExitCode, string Output) RunAs(string[] prefix, params string[] arguments)
    {
        var own = System.IO.Path.Combine(AppContext.BaseDirectory, typeof(CommandLineFolder).Assembly.GetName().Name!);
        string[] command =
        [
            .. prefix, ProcessRun.DotNet, "exec", "--runtimeconfig", own + ".runtimeconfig.json", "--depsfile", own + ".deps.json", System.IO.Path.Combine(AppContext.BaseDirectory, "mlps.dll"), .. arguments,
        ];
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = Path };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["HOME"] = Path;
        return ProcessRun.ToEnd(start, _limit);
    }

    public void Dispose()
    {
        // .NET cannot delete names that are not UTF-8.
        Shell.Run(Path, "chmod -R u+rwX .; rm -rf ./*");
        Directory.Delete(Path, recursive: true);
    }
}
