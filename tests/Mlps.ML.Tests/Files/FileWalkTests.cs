using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Files;

/// <summary>Every walk ends, takes regular files only, and says what it left out.</summary>
public sealed class FileWalkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Root => Path.Combine(_folder.Path, "root");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_FilesInFoldersOfAnyDepth_AreInOrdinalOrder()
    {
        Write("root/b/2.png", "root/b.png", "root/B/1.png", "root/b/a/3.txt", "root/a.png");

        Assert.Equal(["B/1.png", "a.png", "b.png", "b/2.png", "b/a/3.txt"], Files(Walk()));
    }

    [LinuxFact]
    public void Run_LinksToTheFolderItself_Ends()
    {
        Write("root/a.png", "root/sub/b.png");
        Link("root/x", ".");
        Link("root/sub/y", "../../root");
        Link("root/sub/z", "..");

        var walk = Walk();

        Assert.Equal(["a.png", "sub/b.png"], Files(walk));
        Assert.Equal(["sub/y/: RepeatedFolder", "sub/z/: RepeatedFolder", "x/: RepeatedFolder"], LeftOut(walk));
    }

    [LinuxFact]
    public void Run_FoldersThatLinkToEachOther_TakesEachFileOnceByItsOwnPath()
    {
        Write("root/m/1.png", "root/z/2.png");
        Link("root/m/a-to-z", "../z");
        Link("root/z/a-to-m", "../m");

        var walk = Walk();

        Assert.Equal(["m/1.png", "z/2.png"], Files(walk));
        Assert.Equal(2, walk.LeftOut.Count);
    }

    [LinuxFact]
    public void Run_LinksToOneFolderElsewhere_FollowsTheFirst()
    {
        Write("root/a.png", "elsewhere/b.png");
        Link("root/two", "../elsewhere");
        Link("root/one", "two");
        Link("elsewhere/back", "../root");

        var walk = Walk();

        Assert.Equal(["a.png", "one/b.png"], Files(walk));
        Assert.Equal(["one/back/: RepeatedFolder", "two/: RepeatedFolder"], LeftOut(walk));
    }

    [LinuxFact]
    public void Run_LinkToAFolderAbove_IsNotFollowed()
    {
        Write("root/a.png", "beside.png");
        Link("root/up", "../..");
        Link("root/all", "/");

        var walk = Walk();

        Assert.Equal(["a.png"], Files(walk));
        Assert.All(walk.LeftOut, file => Assert.Equal((LeftOutReason.RepeatedFolder, "a folder above"), (file.Reason, file.Explanation)));
    }

    [LinuxFact]
    public void Run_RootThatIsALink_IsWalked()
    {
        Write("real/a.png");
        Link("root", "real");

        Assert.Equal(["a.png"], Files(Walk()));
    }

    [LinuxFact]
    public void Run_LinksToFiles_AreFiles()
    {
        Write("elsewhere/blank.png");
        Directory.CreateDirectory(Root);
        Link("root/a.png", "../elsewhere/blank.png");
        Link("root/b.png", "../elsewhere/blank.png");

        Assert.Equal(["a.png", "b.png"], Files(Walk()));
    }

    [LinuxFact]
    public void Run_PipesSocketsAndDevices_AreNamedAndNotOpened()
    {
        Write("root/a.png");
        Shell.Run(Root, "mkfifo x.png");
        Link("root/pipe.png", "x.png");
        Link("root/null.png", "/dev/null");
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(Root, "s.png")));

        var walk = Walk();

        Assert.Equal(["a.png"], Files(walk));
        Assert.Equal(["null.png: NotAFile", "pipe.png: NotAFile", "s.png: NotAFile", "x.png: NotAFile"], LeftOut(walk));
    }

    [LinuxFact]
    public void Run_LinksThatLeadNowhere_AreNamed()
    {
        Write("root/a.png");
        Link("root/b.png", "gone.png");
        Link("root/c", "c");
        Link("root/d.txt", "gone.txt");

        var walk = Walk();

        Assert.Equal(["b.png: BrokenLink", "c: BrokenLink", "d.txt: BrokenLink"], LeftOut(walk));
        Assert.Equal(["to gone.png", "to c", "to gone.txt"], walk.LeftOut.Select(file => file.Explanation));
        Assert.Equal([true, true, false], walk.LeftOut.Select(file => file.IsFault));
    }

    [LinuxFact]
    public void Run_NamesThatAreNotUtf8_AreNamed()
    {
        Write("root/a.png");
        Shell.Run(Root, """touch $'b\xff.png'; mkdir $'sub\xfe'; touch $'sub\xfe/c.png'""");

        var walk = Walk();

        Assert.Equal(["a.png"], Files(walk));
        Assert.Equal([LeftOutReason.UnreadableName, LeftOutReason.UnreadableName], walk.LeftOut.Select(file => file.Reason));
        Assert.All(walk.LeftOut, file => Assert.True(file.IsFault));

        // .NET cannot delete them either.
        Shell.Run(Root, """rm -r b*.png sub*""");
    }

    [Fact]
    public void Run_HiddenAndSystemFiles_AreNamedAndTheirFoldersNotEntered()
    {
        Write("root/a.png", "root/.b.png", "root/.git/c.png", "root/._a.png", "root/.DS_Store", "root/sub/thumbs.DB", "root/__MACOSX/a.png", "root/@eaDir/a.png");

        var walk = Walk();

        Assert.Equal(["a.png"], Files(walk));
        Assert.Equal(
            [".DS_Store: SystemFile", "._a.png: SystemFile", ".b.png: Hidden", ".git/: Hidden", "@eaDir/: SystemFile", "__MACOSX/: SystemFile", "sub/thumbs.DB: SystemFile"],
            LeftOut(walk));
    }

    [Fact]
    public void Run_ReadOnlyHiddenBySystemAttributes_AreTaken()
    {
        Write("root/a.png");
        File.SetAttributes(Path.Combine(Root, "a.png"), FileAttributes.ReadOnly);

        Assert.Equal(["a.png"], Files(Walk()));
        File.SetAttributes(Path.Combine(Root, "a.png"), FileAttributes.Normal);
    }

    [Fact]
    public void Run_ExcludedFolder_IsNamedAndNotEntered()
    {
        Write("root/a.png", "root/out/b.png");

        var walk = FileWalk.Run(Root, [Path.Combine(Root, "out"), Path.Combine(Root, "not there"), Root], CancellationToken.None);

        Assert.Equal(["a.png"], Files(walk));
        Assert.Equal(["out/: OwnOutput"], LeftOut(walk));
        Assert.True(walk.Contains(Root));
        Assert.False(walk.Contains(Path.Combine(Root, "out")));
    }

    [LinuxFact]
    public void Run_ExcludedFolderBehindLinks_IsNotEntered()
    {
        Write("root/a.png", "root/out/masks/b.png");
        Link("root/in", "out/masks");
        Link("to-out", "root/out");

        var walk = FileWalk.Run(Root, [Path.Combine(_folder.Path, "to-out")], CancellationToken.None);

        Assert.Equal(["a.png"], Files(walk));
        Assert.Equal(["in/: OwnOutput", "out/: OwnOutput"], LeftOut(walk));
    }

    [Fact]
    public void Run_Cancelled_Stops()
    {
        Write("root/a.png");

        Assert.Throws<OperationCanceledException>(() => FileWalk.Run(Root, [], new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Run_CancelledMidway_Stops()
    {
        for (var number = 0; number < 200; number++)
        {
            Write($"root/{number}/a.png");
        }

        using var stop = new CancellationTokenSource();
        var entries = 0;

        Assert.Throws<OperationCanceledException>(() => FileWalk.Run(Root, Excluded(), stop.Token));

        // The walk asks for the excluded folders first: it is stopped when it has begun.
        IEnumerable<string> Excluded()
        {
            stop.Cancel();
            entries++;
            yield break;
        }

        Assert.Equal(1, entries);
    }

    [Fact]
    public void Run_MissingFolder_NamesIt() => Assert.Equal(Root, Assert.Throws<TissueDataException>(() => Walk()).FilePath);

    [LinuxFact]
    public void Status_WithoutTheSystemsCall_SaysTheSame()
    {
        Write("root/a.png");
        File.WriteAllText(Path.Combine(Root, "full.png"), "x");
        Shell.Run(Root, "mkfifo pipe; ln -s full.png link; ln -s gone broken; ln -s self self; mkdir sub; ln -s sub to-sub");

        foreach (var name in (string[])["full.png", "link", "broken", "self", "pipe", "sub", "to-sub", "nothing"])
        {
            var path = Path.Combine(Root, name);
            Assert.Equal(FileStatus.Read(path).Kind, FileStatus.ReadPortable(path).Kind);
        }

        Assert.Equal(FileStatus.ReadPortable(Path.Combine(Root, "sub")), FileStatus.ReadPortable(Path.Combine(Root, "to-sub")));
        Assert.Equal(FileStatus.Read(Path.Combine(Root, "sub")), FileStatus.Read(Path.Combine(Root, "to-sub")));
        Assert.NotEqual(FileStatus.Read(Path.Combine(Root, "sub")), FileStatus.Read(Root));
    }

    private FileWalk Walk() => FileWalk.Run(Root, [], CancellationToken.None);

    private void Write(params string[] paths)
    {
        foreach (var path in paths)
        {
            File.WriteAllText(_folder.File(path), "x");
        }
    }

    private void Link(string path, string target) => File.CreateSymbolicLink(_folder.File(path), target);

    private string[] Files(FileWalk walk) => [.. walk.Files.Select(Within)];

    private string[] LeftOut(FileWalk walk) => [.. walk.LeftOut.Select(file => $"{Within(file.Path)}: {file.Reason}")];

    private string Within(string path) => path[(Root.Length + 1)..].Replace('\\', '/');
}
