using System.Diagnostics;
using System.Text.RegularExpressions;
using Mlps.Testing;

namespace Mlps.Package.Tests;

/// <summary>Versions of packages outside a release: equal for equal sources, another one for every commit and every change, whatever kind of clone they are packed from.</summary>
public sealed partial class DevelopmentVersionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlps-version-").FullName;

    private string Repository => Path.Combine(_folder, "repository");

    public void Dispose()
    {
        foreach (var file in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories))
        {
            File.SetAttributes(file, FileAttributes.Normal);
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Version_OfACommit_IsItsTimeAndHash_InAShallowCloneToo()
    {
        CreateSources(Repository);
        Commit("first", "2026-03-01T10:20:30+02:00");
        var first = Version(Repository);
        Source(Repository, "class B;");
        Commit("second", "2026-03-01T09:20:30Z");
        var second = Version(Repository);
        Git(_folder, "clone", "--quiet", "--depth", "1", new Uri(Repository).AbsoluteUri, "shallow");

        Assert.Matches(OfCommit, first);
        Assert.Contains("-dev.20260301082030.g", first, StringComparison.Ordinal);
        Assert.Contains("-dev.20260301092030.g" + Git(Repository, "rev-parse", "HEAD")[..12], second, StringComparison.Ordinal);
        Assert.Equal(second, Version(Repository));
        Assert.Equal(second, Version(Path.Combine(_folder, "shallow")));
    }

    [Fact]
    public void Version_WithChanges_TellsTheirContentApart()
    {
        CreateSources(Repository);
        Commit("first", "2026-03-01T10:20:30Z");
        var clean = Version(Repository);

        Source(Repository, "class Changed;");
        var changed = Version(Repository);
        Source(Repository, "class Again;");
        var again = Version(Repository);
        Source(Repository, "class Changed;");
        var back = Version(Repository);
        File.WriteAllText(Path.Combine(Repository, "src", "A", "New.cs"), "class New;");
        var withNewFile = Version(Repository);
        Directory.CreateDirectory(Path.Combine(Repository, "docs"));
        File.WriteAllText(Path.Combine(Repository, "docs", "page.md"), "Not packed.");

        Assert.Equal(4, new[] { clean, changed, again, withNewFile }.Distinct(StringComparer.Ordinal).Count());
        Assert.All((string[])[changed, again, withNewFile], version => Assert.StartsWith(clean + ".c", version, StringComparison.Ordinal));
        Assert.Equal(changed, back);
        Assert.Equal(withNewFile, Version(Repository));
    }

    [Fact]
    public void Version_WithoutACommit_IsThatOfTheSources()
    {
        var outer = Directory.CreateDirectory(Path.Combine(_folder, "outer")).FullName;
        Git(outer, "init", "--quiet");
        File.WriteAllText(Path.Combine(outer, "other.txt"), "other");
        Git(outer, "add", "other.txt");
        CommitIn(outer, "of something else", "2026-03-01T10:20:30Z");
        var (alone, inside) = (Path.Combine(_folder, "alone"), Path.Combine(outer, "inside"));
        CreateSources(alone);
        CreateSources(inside);

        var version = Version(alone);
        Directory.CreateDirectory(Path.Combine(alone, "src", "A", "obj"));
        File.WriteAllText(Path.Combine(alone, "src", "A", "obj", "made.cs"), "class Made;");

        Assert.Matches(OfSources, version);
        Assert.Equal(version, Version(alone));
        Assert.Equal(version, Version(inside));
        Source(alone, "class B;");
        Assert.NotEqual(version, Version(alone));
    }

    [Fact]
    public void Version_ThatIsGiven_IsTaken()
    {
        CreateSources(Repository);
        Commit("first", "2026-03-01T10:20:30Z");

        Assert.Equal("0.2.0", Version(Repository, "-p:Version=0.2.0"));
    }

    private static string Version(string repository, params string[] more) =>
        Command.Successful(repository, ["msbuild", Path.Combine("src", "A", "A.csproj"), "-nologo", "-t:SetDevelopmentVersion", "-getProperty:PackageVersion", .. more]).Trim();

    private static void CreateSources(string repository)
    {
        Directory.CreateDirectory(Path.Combine(repository, "build"));
        Directory.CreateDirectory(Path.Combine(repository, "src", "A"));
        foreach (var file in (string[])["Directory.Build.props", Path.Combine("build", "DevelopmentVersion.targets")])
        {
            File.Copy(Path.Combine(RepositoryFolder.Root, file), Path.Combine(repository, file));
        }

        File.WriteAllText(Path.Combine(repository, "src", "A", "A.csproj"), """<Project Sdk="Microsoft.NET.Sdk"><Import Project="../../build/DevelopmentVersion.targets" /></Project>""");
        Source(repository, "class A;");
    }

    private static void Source(string repository, string text) => File.WriteAllText(Path.Combine(repository, "src", "A", "A.cs"), text);

    private void Commit(string message, string time)
    {
        Git(Repository, "init", "--quiet");
        Git(Repository, "add", "--all");
        CommitIn(Repository, message, time);
    }

    private static void CommitIn(string repository, string message, string time) =>
        Git(repository, ["-c", "user.name=A > B", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", message], time);

    private static string Git(string folder, params string[] arguments) => Git(folder, arguments, time: null);

    private static string Git(string folder, string[] arguments, string? time)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        if (time is not null)
        {
            (start.Environment["GIT_AUTHOR_DATE"], start.Environment["GIT_COMMITTER_DATE"]) = (time, time);
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"git {string.Join(' ', arguments)}: {error.GetAwaiter().GetResult()}");
        return output.Trim();
    }

    [GeneratedRegex(@"^\d+\.\d+\.\d+-dev\.\d{14}\.g[0-9a-f]{12}$")]
    private static partial Regex OfCommit { get; }

    [GeneratedRegex(@"^\d+\.\d+\.\d+-dev\.0\.c[0-9a-f]{12}$")]
    private static partial Regex OfSources { get; }
}
