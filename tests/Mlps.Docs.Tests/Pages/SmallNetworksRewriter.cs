using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mlps.ML;

namespace Mlps.Docs.Tests.Pages;

/// <summary>Passes the options of <c>ml.TissueSegmentation.PatchClassifier(…)</c> and <c>GatedSegmenter(…)</c> through <see cref="SmallNetworks"/>: the one thing that a page's program has and the page has not.</summary>
internal sealed class SmallNetworksRewriter : CSharpSyntaxRewriter
{
    private static readonly Dictionary<string, string> _optionsOf = new()
    {
        [nameof(TissueSegmentationCatalog.PatchClassifier)] = $"global::{typeof(PatchClassifierOptions).FullName}",
        [nameof(TissueSegmentationCatalog.GatedSegmenter)] = $"global::{typeof(GatedSegmenterOptions).FullName}",
    };

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        var visited = (InvocationExpressionSyntax)base.VisitInvocationExpression(node)!;
        if (visited.Expression is not MemberAccessExpressionSyntax { Name.Identifier.Text: var name } || !_optionsOf.TryGetValue(name, out var type))
        {
            return visited;
        }

        var arguments = visited.ArgumentList.Arguments;
        var options = arguments.Count > 1 ? arguments[1].Expression.ToFullString() : $"({type}?)null";
        var small = SyntaxFactory.Argument(SyntaxFactory.ParseExpression($"global::{typeof(SmallNetworks).FullName}.{nameof(SmallNetworks.Shrink)}({options})"));
        return visited.WithArgumentList(visited.ArgumentList.WithArguments(SyntaxFactory.SeparatedList([arguments[0], small])));
    }
}
