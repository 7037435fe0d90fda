using Xunit;

namespace Mlps.Torch.Tests.Training;

/// <summary>Tests that need the process's random generator, which initialisation and dropout draw from, for themselves.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class GlobalGenerator
{
    public const string Name = "The process's random generator";
}
