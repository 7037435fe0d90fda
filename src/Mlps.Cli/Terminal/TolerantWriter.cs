using System.Text;

namespace Mlps.Cli.Terminal;

/// <summary>Standard output that may be a file on a full disk: what cannot be written is lost, and the work goes on.</summary>
internal sealed class TolerantWriter(TextWriter output) : TextWriter
{
    public override Encoding Encoding => output.Encoding;

    /// <summary>Why the first piece was lost; null where nothing was.</summary>
    public string? Fault { get; private set; }

    public override void Write(char value) => Try(() => output.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => output.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => output.Write(value));

    public override void WriteLine(string? value) => Try(() => output.WriteLine(value));

    public override void Flush() => Try(output.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException exception)
        {
            Fault ??= exception.Message;
        }
    }
}
