namespace Mlps.Package.Tests;

/// <summary>Tests that build applications, one after the other: those that reference the repository's projects build these too.</summary>
[CollectionDefinition(Name)]
public sealed class ApplicationTests : ICollectionFixture<PackedLibraries>
{
    public const string Name = "Applications";
}
