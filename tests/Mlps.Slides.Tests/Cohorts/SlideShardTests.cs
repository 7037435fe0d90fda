using Xunit;

namespace Mlps.Slides.Tests.Cohorts;

public sealed class SlideShardTests
{
    [Fact]
    public void The_parts_are_all_slides_once_whatever_order_they_come_in()
    {
        SlideItem[] slides = [.. Enumerable.Range(0, 11).Select(index => new SlideItem($"s{index:00}", $"/data/{index:00}.svs"))];

        var parts = Enumerable.Range(0, 4).Select(index => new SlideShard(index, 4).Of(slides)).ToArray();

        Assert.Equal([3, 3, 3, 2], parts.Select(part => part.Count));
        Assert.Equal(slides, parts.SelectMany(part => part).OrderBy(slide => slide.Path, StringComparer.Ordinal));
        Assert.Equal(parts[1], new SlideShard(1, 4).Of(slides.Reverse()));
        Assert.Equal(["s01", "s05", "s09"], parts[1].Select(slide => slide.Name));
    }

    [Fact]
    public void A_part_is_written_and_read_the_same_way()
    {
        var part = SlideShard.Parse("2/12");

        Assert.Equal((2, 12, "2/12"), (part.Index, part.Count, part.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("3/3")]
    [InlineData("-1/3")]
    [InlineData("0/0")]
    [InlineData("1/2/3")]
    [InlineData("a/3")]
    [InlineData(" 1/3")]
    [InlineData("1/99999999999")]
    public void Another_text_is_no_part(string text) => Assert.Contains("I/N", Assert.Throws<FormatException>(() => SlideShard.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0", "3", null, null, "0/3")]
    [InlineData("1", "3", "1", "1", "0/3")]
    [InlineData("3", "3", "1", "1", "2/3")]
    [InlineData("14", "3", "10", "2", "2/3")]
    public void A_task_of_an_array_knows_its_part(string id, string count, string? lowest, string? step, string expected) =>
        Assert.Equal(expected, SlideShard.FromSlurm(Variables(id, count, lowest, step)).ToString());

    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData("1", null, "1", "1")]
    [InlineData("3", "3", "0", "1")]
    [InlineData("0", "3", "1", "1")]
    [InlineData("11", "3", "10", "2")]
    [InlineData("1", "3", "0", "0")]
    public void Anything_else_is_no_task_of_an_array(string? id, string? count, string? lowest, string? step) =>
        Assert.Contains("sbatch --array", Assert.Throws<FormatException>(() => SlideShard.FromSlurm(Variables(id, count, lowest, step))).Message, StringComparison.Ordinal);

    private static Func<string, string?> Variables(string? id, string? count, string? lowest, string? step) => name => name switch
    {
        "SLURM_ARRAY_TASK_ID" => id,
        "SLURM_ARRAY_TASK_COUNT" => count,
        "SLURM_ARRAY_TASK_MIN" => lowest,
        "SLURM_ARRAY_TASK_STEP" => step,
        _ => null,
    };
}
