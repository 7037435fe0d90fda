using Xunit;

namespace Mlps.Docs.Tests.Pages;

/// <summary>Every C# block of README.md and docs is compiled, without warnings, and run.</summary>
public sealed class PageTests(ReadersFolder folder) : IClassFixture<ReadersFolder>
{
    /// <summary>The output that pages promise of their programs.</summary>
    private static readonly Dictionary<string, string[]> _left = new()
    {
        ["README.md"] = ["luad.zip"],
        ["docs/getting-started.md"] = ["synthetic/dataset.json", "tissue-first.zip", "sheet.png"],
        ["docs/your-data.md"] = ["datasets/mine/dataset.json", "datasets/mine/val/mask/field-0.png"],
        ["docs/deploying.md"] = ["masks/field-0.png", "overlay.png"],
    };

    public static TheoryData<string> PagesWithCode { get; } = new(Repository.Pages.Where(page => Blocks(page).Count > 0));

    [Theory]
    [MemberData(nameof(PagesWithCode))]
    public async Task Run_CodeOfAPage_CompilesWithoutWarningsAndEnds(string page)
    {
        var program = new PageProgram(page, Blocks(page));
        Assert.Empty(program.Faults);

        var (before, copy) = (Environment.CurrentDirectory, folder.Copy());
        try
        {
            Environment.CurrentDirectory = copy;
            await program.RunAsync();

            Assert.All(_left.GetValueOrDefault(page, []), file => Assert.True(File.Exists(Path.Combine(copy, file)), $"{page} left no {file}."));
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public void PagesWithCode_PagesThatLeaveFiles_AreAmongThem() => Assert.All(_left.Keys, page => Assert.NotEmpty(Blocks(page)));

    [Fact]
    public void Faults_CodeThatDoesNotCompile_AreNamedWithThePagesLine()
    {
        var blocks = CodeBlock.Read("# Page\n\n```csharp\nvar one = 1;\n```\n\ntext\n\n```csharp\nConsole.WriteLine(one);\nConsole.WriteLine(two);\n```\n");

        var faults = new PageProgram("page.md", blocks).Faults;

        Assert.Equal(["page.md(11): CS0103 The name 'two' does not exist in the current context"], faults);
    }

    [Fact]
    public async Task RunAsync_CodeThatThrows_Throws()
    {
        var program = new PageProgram("page.md", CodeBlock.Read("```csharp\nthrow new FormatException(\"seen\");\n```"));

        var error = await Assert.ThrowsAsync<FormatException>(program.RunAsync);

        Assert.Equal("seen", error.Message);
        Assert.Contains("page.md:line 2", error.StackTrace, StringComparison.Ordinal);
    }

    private static IReadOnlyList<CodeBlock> Blocks(string page) =>
        [.. CodeBlock.Read(File.ReadAllText(Repository.PathOf(page))).Where(block => block.Language is "csharp" or "cs" or "c#")];
}
