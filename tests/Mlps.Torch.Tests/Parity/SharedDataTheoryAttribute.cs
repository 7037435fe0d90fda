using Mlps.Torch.Tests.Weights;
using Xunit;

namespace Mlps.Torch.Tests.Parity;

/// <summary>A theory that needs the reference figures in <c>../shared/oracle</c>, and is skipped where they are absent.</summary>
public sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute() => Skip = new SharedDataFactAttribute().Skip;
}
