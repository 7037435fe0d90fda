using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests;

public sealed class FolderRecordsTests
{
    [Fact]
    public void Tables_are_written_at_once_then_once_in_an_interval_and_at_the_end()
    {
        using var folder = new TemporaryFolder();
        var records = FolderRecords.Read(folder.Path, TimeSpan.FromHours(1));
        records.Write();
        Assert.False(File.Exists(folder.Combine(FolderSummary.SummaryFile)));
        records.Add(Skipped("a"));
        Assert.Contains("1 slide:", Summary(), StringComparison.Ordinal);
        records.Add(Skipped("b"));
        Assert.Contains("1 slide:", Summary(), StringComparison.Ordinal);
        records.Write();
        Assert.Contains("2 slides:", Summary(), StringComparison.Ordinal);

        string Summary() => File.ReadAllText(folder.Combine(FolderSummary.SummaryFile));
    }

    private static SlideRecord Skipped(string name) => new() { Name = name, File = name + ".svs", State = SlideState.Skipped, Reason = "There is no tissue." };
}
