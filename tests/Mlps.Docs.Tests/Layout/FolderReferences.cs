using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mlps.Docs.Tests.Layout;

/// <summary>A reference from a file in one folder of a library to a type of another folder.</summary>
/// <param name="From">The folder that refers; empty for the library's own folder.</param>
/// <param name="To">The folder that is referred to.</param>
/// <param name="Where">File, line and the name that stands there.</param>
internal sealed record FolderReference(string From, string To, string Where);

/// <summary>Finds what the folders of a library refer to, by compiling its sources.</summary>
internal static class FolderReferences
{
    /// <summary>All references between the first-level folders of a library.</summary>
    /// <param name="library">Folder of the library's project, from the repository's root.</param>
    public static IReadOnlyList<FolderReference> Find(string library)
    {
        var root = Repository.PathOf(library);
        var options = new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.None);
        var trees = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(path => FolderOf(root, path) is not ("bin" or "obj"))
            .Order(StringComparer.Ordinal)
            .Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), options, path))
            .ToArray();
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Mlps.", StringComparison.Ordinal) || !path.EndsWith($"{Path.GetFileName(root)}.dll", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(Path.GetFileName(root), trees, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        return [.. trees.SelectMany(tree => ReferencesIn(tree, compilation, root)).Distinct()];
    }

    private static IEnumerable<FolderReference> ReferencesIn(SyntaxTree tree, CSharpCompilation compilation, string root)
    {
        var model = compilation.GetSemanticModel(tree, ignoreAccessibility: true);
        var from = FolderOf(root, tree.FilePath);
        foreach (var name in tree.GetRoot().DescendantNodes(node => node is not (UsingDirectiveSyntax or BaseNamespaceDeclarationSyntax { Members.Count: 0 })).OfType<SimpleNameSyntax>())
        {
            if (name.FirstAncestorOrSelf<UsingDirectiveSyntax>() is not null)
            {
                continue;
            }

            var symbol = model.GetSymbolInfo(name).Symbol;
            var type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
            foreach (var declaration in type?.DeclaringSyntaxReferences ?? [])
            {
                var to = FolderOf(root, declaration.SyntaxTree.FilePath);
                if (to != from)
                {
                    yield return new FolderReference(from, to, $"{Path.GetRelativePath(root, tree.FilePath)}:{name.GetLocation().GetLineSpan().StartLinePosition.Line + 1} {name.Identifier.Text}");
                }
            }
        }
    }

    private static string FolderOf(string root, string path) =>
        Path.GetRelativePath(root, path).Replace('\\', '/').Split('/') is [var first, _, ..] ? first : string.Empty;
}
