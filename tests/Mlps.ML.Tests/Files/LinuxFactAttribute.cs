using Xunit;

namespace Mlps.ML.Tests.Files;

/// <summary>A fact about links, pipes and permissions; skipped on systems that are not Linux.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "Makes pipes, links and names as Linux has them.";
        }
    }
}
