using Xunit;

namespace Mlps.Label.Tests.Export;

/// <summary>A test that makes symbolic links, which Windows allows only some users.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SymbolicLinkFactAttribute : FactAttribute
{
    public SymbolicLinkFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "Windows allows symbolic links to some users only.";
        }
    }
}
