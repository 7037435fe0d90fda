using System.Globalization;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Trainings on disks that are too small or cannot be written to: file systems in memory, seen by the training's process alone.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FullDiskTests() =>
        SyntheticTissue.Write(Data, new SyntheticTissueOptions { TrainPatches = 10, ValidationPatches = 2, TestPatches = 1, PatchSize = 48, EvaluationSize = 48, ClassCount = 2 });

    private string Data => _folder.Combine("data");

    private string Disk => Directory.CreateDirectory(_folder.Combine("disk")).FullName;

    public void Dispose() => _folder.Dispose();

    [OwnMountsFact]
    public async Task Checkpoint_DiskFull_KeepsTheLastOneWholeAndTheSameRunGoesOn()
    {
        var undisturbed = await ProbeProcess.RunAsync(ProbeProcess.Command(Data, _folder.Combine("undisturbed")));
        Assert.True(undisturbed.ExitCode == 0, undisturbed.Error);

        // The first checkpoint is two thirds of the last one: it has no best weights yet. One fits, the next does not beside it.
        var room = new FileInfo(_folder.Combine("undisturbed", "patch-classifier.checkpoint")).Length * 5 / 4;
        var saved = Directory.CreateDirectory(_folder.Combine("saved")).FullName;
        var full = await OnDiskAsync($"size={room}", "\"$@\"; code=$?; cp -a \"$DISK\"/. \"$SAVED\"; exit $code", saved, Data, Disk);

        Assert.NotEqual(0, full.ExitCode);
        Assert.Contains("patch-classifier.checkpoint' cannot be written", full.Error, StringComparison.Ordinal);
        Assert.Contains("Make room or give another folder", full.Error, StringComparison.Ordinal);
        Assert.Equal("patch-classifier.checkpoint", Path.GetFileName(Assert.Single(Directory.GetFiles(saved))));

        var resumed = await ProbeProcess.RunAsync(ProbeProcess.Command(Data, saved));
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(undisturbed.Output, resumed.Output);
    }

    [OwnMountsFact]
    public async Task Checkpoint_ReadOnlyFolder_IsSaidBeforeTheFirstStep()
    {
        var refused = await OnDiskAsync("ro", "exec \"$@\"", saved: string.Empty, Data, Disk);

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("patch-classifier.checkpoint' cannot be written", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Epoch", refused.Output, StringComparison.Ordinal);
    }

    [OwnMountsFact]
    public async Task Patches_TemporaryFolderFull_SaysHowMuchIsNeededAndWhere()
    {
        // So little memory that patches go to temporary files at once.
        var full = await OnDiskAsync("size=1m", "export TMPDIR=\"$DISK\" DOTNET_GCHeapHardLimit=0x8000000; exec \"$@\"", saved: string.Empty, Data, _folder.Combine("checkpoints"));

        Assert.NotEqual(0, full.ExitCode);
        Assert.Contains("MiB more in the folder of temporary files", full.Error, StringComparison.Ordinal);
        Assert.Contains("TMPDIR", full.Error, StringComparison.Ordinal);
    }

    /// <summary>Trains in a namespace with a small disk, by a shell script that gets the training's command as its arguments.</summary>
    private Task<ProbeResult> OnDiskAsync(string options, string script, string saved, string data, string checkpoints)
    {
        var mounted = string.Create(CultureInfo.InvariantCulture, $"DISK=$1; SAVED=$2; shift 2; mount -t tmpfs -o {options} none \"$DISK\" || exit 99; {script}");
        return ProbeProcess.RunAsync(["unshare", "--map-root-user", "--mount", "sh", "-c", mounted, "sh", Disk, saved, .. ProbeProcess.Command(data, checkpoints)]);
    }
}
