using Mlps.Cli.Output;
using Mlps.Cli.Terminal;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>Names from outside in tables and on the terminal.</summary>
public sealed class TextTests
{
    public static TheoryData<string> Names =>
        ["plain", "a,b", "a\"b", "\"", "a\nb", "a\rb", "\r\n", "=1+1", "+1", "-1", "@x", "\t", " a", "a ", "a;b", "\u001b[31mred", "\u0085", "\u2028", "肺\U0001F9EC", "''", ""];

    [Theory]
    [MemberData(nameof(Names))]
    public void CsvText_Field_ComesBackFromAReader(string name)
    {
        var rows = Csv.Read(CsvText.Line([name, "1", name]) + CsvText.Line(["next", "2", "row"]));

        Assert.Equal([[name, "1", name], ["next", "2", "row"]], rows);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("Slide 0 [x=1]-肺", "Slide 0 [x=1]-肺")]
    [InlineData("=1+1", "\"=1+1\"")]
    [InlineData("a\rb", "\"a\rb\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    public void CsvText_Field_IsQuotedWhereNeeded(string name, string field) => Assert.Equal(field, CsvText.Field(name));

    [Theory]
    [InlineData("plain [red]markup[/] 肺\U0001F9EC", "plain [red]markup[/] 肺\U0001F9EC")]
    [InlineData("\u001b[2J\u001b]0;title\a", "\\e[2J\\e]0;title\\u0007")]
    [InlineData("a\r\nb\tc", "a\\r\\nb\\tc")]
    [InlineData("\u009b31m", "\\u009b31m")]
    [InlineData("gnp.\u202eexe", "gnp.\\u202eexe")]
    [InlineData("\u2066\u2028", "\\u2066\\u2028")]
    [InlineData("\u007f", "\\u007f")]
    public void Printable_Escape_LeavesNothingThatATerminalActsOn(string text, string shown) => Assert.Equal(shown, Printable.Escape(text));

    [Fact]
    public void Printable_Lines_KeepsOurLines() => Assert.Equal($"a{Environment.NewLine}\\eb", Printable.Lines("a\r\n\u001bb"));
}
