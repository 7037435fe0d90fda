using Mlps.Testing;

namespace Mlps.Package.Tests;

/// <summary>Tests that share the packages, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PackageTests : ICollectionFixture<PackedLibraries>
{
    public const string Name = "Packages";
}
