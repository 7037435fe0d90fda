using System.Reflection;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Scripting.Hosting;
using Mlps.Notebook.Host.Cells;
using Mlps.Notebook.Host.Format;
using Mlps.Notebook.Host.Packages;

namespace Mlps.Notebook.Host.Execution;

/// <summary>Runs cells one after the other, each seeing what those before it have declared.</summary>
internal sealed class CellRunner : IDisposable
{
    /// <summary>What notebook engines for C# import.</summary>
    private static readonly string[] _imports = ["System", "System.Text", "System.Collections", "System.Collections.Generic", "System.Linq", "System.Threading.Tasks", typeof(StringDisplay).Namespace!];

    private readonly InteractiveAssemblyLoader _loader = new();
    private readonly ScriptOptions _options;

    public CellRunner(IReadOnlyList<Assembly> packages)
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(path => Path.GetDirectoryName(path) == framework);
        _options = ScriptOptions.Default
            .WithLanguageVersion(LanguageVersion.Latest)
            .WithImports(_imports)
            .WithReferences(trusted.Select(path => Microsoft.CodeAnalysis.MetadataReference.CreateFromFile(path)))
            .AddReferences([.. packages, typeof(StringDisplay).Assembly]);
        foreach (var assembly in (Assembly[])[.. packages, typeof(StringDisplay).Assembly])
        {
            _loader.RegisterDependency(assembly);
        }
    }

    public async Task RunAsync(NotebookFile notebook)
    {
        var outputs = new CellOutputs();
        var console = Console.Out;
        Console.SetOut(outputs);
        StringDisplay.Outputs = outputs;
        try
        {
            ScriptState<object>? state = null;
            foreach (var cell in notebook.CodeCells)
            {
                state = await RunAsync(cell, state, outputs).ConfigureAwait(false);
            }
        }
        finally
        {
            Console.SetOut(console);
        }
    }

    public void Dispose() => _loader.Dispose();

    private async Task<ScriptState<object>> RunAsync(CodeCell cell, ScriptState<object>? before, CellOutputs outputs)
    {
        var source = PackageDirective.RemoveFrom(cell.Source);
        try
        {
            var state = before is null
                ? await CSharpScript.Create<object>(source, _options, typeof(NotebookGlobals), _loader).RunAsync(new NotebookGlobals(outputs)).ConfigureAwait(false)
                : await before.ContinueWithAsync<object>(source, _options).ConfigureAwait(false);
            if (state.ReturnValue is { } value)
            {
                outputs.Result(value, cell.Number);
            }

            return state;
        }
        catch (CompilationErrorException exception)
        {
            throw new CellException(cell.Number, source, string.Join('\n', exception.Diagnostics));
        }
        catch (Exception exception)
        {
            throw new CellException(cell.Number, source, exception.ToString());
        }
        finally
        {
            cell.SetOutputs(outputs.Take());
        }
    }
}
