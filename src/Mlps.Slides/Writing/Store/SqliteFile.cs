using System.Runtime.InteropServices;
using System.Text;

namespace Mlps.Slides;

/// <summary>A new SQLite file that is written in one transaction.</summary>
internal sealed unsafe class SqliteFile : IDisposable
{
    private const int Ok = 0;
    private const int Done = 101;
    private const int ReadWrite = 2;
    private const int Create = 4;
    private const nint Copied = -1;

    private readonly SqliteLibrary _library = SqliteLibrary.Instance;
    private readonly string _path;
    private readonly nint _file;

    /// <param name="path">The file, which must not exist.</param>
    /// <exception cref="IOException">It cannot be created.</exception>
    public SqliteFile(string path)
    {
        _path = path;
        nint file;
        fixed (byte* name = Terminated(path))
        {
            var code = _library.Open(name, &file, ReadWrite | Create, null);
            _file = file;
            try
            {
                Check(code);

                // A file that is only renamed when it is whole needs no journal.
                Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
            }
            catch (IOException)
            {
                // SQLite gives a handle even where it cannot open the file.
                Dispose();
                throw;
            }
        }
    }

    /// <summary>Executes statements that give nothing.</summary>
    public void Execute(string sql)
    {
        fixed (byte* text = Terminated(sql))
        {
            Check(_library.Execute(_file, text, 0, 0, 0));
        }
    }

    /// <summary>Prepares a statement.</summary>
    public Statement Prepare(string sql)
    {
        nint statement;
        fixed (byte* text = Terminated(sql))
        {
            Check(_library.Prepare(_file, text, -1, &statement, 0));
        }

        return new Statement(this, statement);
    }

    public void Dispose() => _library.Close(_file);

    private static byte[] Terminated(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    private void Check(int code)
    {
        if (code is not (Ok or Done))
        {
            throw new IOException($"{_path}: SQLite cannot write it: {Marshal.PtrToStringUTF8((nint)_library.Message(_file))} (code {code}). Check that there is space and that the folder may be written.");
        }
    }

    /// <summary>A statement that is executed for several rows.</summary>
    internal sealed class Statement(SqliteFile file, nint statement) : IDisposable
    {
        /// <summary>Executes it with values: whole numbers, texts and bytes.</summary>
        public void Execute(params ReadOnlySpan<object> values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                Bind(i + 1, values[i]);
            }

            file.Check(file._library.Step(statement));
            file.Check(file._library.Reset(statement));
        }

        public void Dispose() => file._library.Finish(statement);

        private void Bind(int index, object value)
        {
            if (value is long number)
            {
                file.Check(file._library.BindInteger(statement, index, number));
                return;
            }

            var bytes = value as byte[] ?? Encoding.UTF8.GetBytes((string)value);
            fixed (byte* start = bytes)
            {
                file.Check(value is string
                    ? file._library.BindText(statement, index, start, bytes.Length, Copied)
                    : file._library.BindBytes(statement, index, start, bytes.Length, Copied));
            }
        }
    }
}
