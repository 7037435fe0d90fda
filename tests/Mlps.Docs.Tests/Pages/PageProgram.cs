using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Mlps.Docs.Tests.Pages;

/// <summary>The C# blocks of a page as one program, as if a reader had pasted them one below the other: usings first, statements in order, types last.</summary>
internal sealed class PageProgram
{
    /// <summary>What the SDK's ImplicitUsings give every program.</summary>
    private const string ImplicitUsings =
        """
        global using global::System;
        global using global::System.Collections.Generic;
        global using global::System.IO;
        global using global::System.Linq;
        global using global::System.Net.Http;
        global using global::System.Threading;
        global using global::System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions _parsing = new(LanguageVersion.CSharp14);

    private static readonly ImmutableArray<MetadataReference> _references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(path => path.EndsWith(".dll", StringComparison.Ordinal)).Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private readonly string _page;
    private readonly CSharpCompilation _compilation;

    /// <param name="page">Path from the repository's root, which errors name.</param>
    /// <param name="blocks">The page's C# blocks.</param>
    public PageProgram(string page, IEnumerable<CodeBlock> blocks)
    {
        _page = page;
        var tree = CSharpSyntaxTree.ParseText(SourceText.From(Join(blocks), Encoding.UTF8), _parsing, page);
        _compilation = CSharpCompilation.Create(
            $"Page.{page.Replace('/', '.')}",
            [CSharpSyntaxTree.ParseText(ImplicitUsings, _parsing), tree.WithRootAndOptions(new SmallNetworksRewriter().Visit(tree.GetRoot()), _parsing)],
            _references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable, optimizationLevel: OptimizationLevel.Debug));
    }

    /// <summary>Errors and warnings, each with the page's line.</summary>
    public IReadOnlyList<string> Faults =>
    [
        .. _compilation.GetDiagnostics().Where(fault => fault.Severity >= DiagnosticSeverity.Warning).Select(fault =>
            $"{_page}({fault.Location.GetMappedLineSpan().StartLinePosition.Line + 1}): {fault.Id} {fault.GetMessage(null)}"),
    ];

    /// <summary>Runs the program in the present directory; stack traces name the page's lines.</summary>
    public async Task RunAsync()
    {
        using MemoryStream assembly = new(), symbols = new();
        var result = _compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        if (!result.Success)
        {
            throw new InvalidOperationException(string.Join('\n', Faults));
        }

        // The real entry point: for programs with await, the compiler's own one waits with GetAwaiter().GetResult().
        var main = Assembly.Load(assembly.ToArray(), symbols.ToArray()).EntryPoint!;
        await Task.Run(() => main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()], null));
    }

    private string Join(IEnumerable<CodeBlock> blocks)
    {
        StringBuilder usings = new(), statements = new(), types = new();
        foreach (var block in blocks)
        {
            var root = CSharpSyntaxTree.ParseText(block.Text, _parsing).GetCompilationUnitRoot();
            foreach (var node in root.Usings.Cast<SyntaxNode>().Concat(root.Members))
            {
                var part = node switch
                {
                    UsingDirectiveSyntax => usings,
                    GlobalStatementSyntax => statements,
                    _ => types,
                };
                var line = block.Line + root.SyntaxTree.GetLineSpan(node.FullSpan).StartLinePosition.Line;
                part.Append(System.Globalization.CultureInfo.InvariantCulture, $"#line {line} \"{_page}\"\n{node.ToFullString()}\n");
            }
        }

        return $"{usings}{statements}{types}";
    }
}
