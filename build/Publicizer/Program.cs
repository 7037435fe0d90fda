// Writes copies of assemblies in which the listed internal members are public, for the compiler to read.
// Publicizer LIST OUTPUT-FOLDER ASSEMBLY...
using System.Diagnostics;
using Mlps.Build;

if (args.Length < 3)
{
    Console.Error.WriteLine("Publicizer : error PUB001: expected LIST OUTPUT-FOLDER ASSEMBLY...");
    return 1;
}

var listPath = args[0];
var folder = Directory.CreateDirectory(args[1]).FullName;
var list = MemberList.Read(listPath);
var failed = false;
foreach (var path in args[2..])
{
    var image = File.ReadAllBytes(path);
    var patch = new AssemblyPatch(image);
    var assembly = Path.GetFileNameWithoutExtension(path);
    MemberList.Line[] missing = [.. list.Lines.Where(line => line.Assembly == assembly && !patch.Publicize(line))];
    foreach (var line in missing)
    {
        Console.Error.WriteLine(
            $"{listPath} : error PUB002: {assembly} {FileVersionInfo.GetVersionInfo(path).ProductVersion} has no '{line}', an internal member that Mlps is built on. "
            + "Keep Microsoft.ML at the version in Directory.Packages.props, or adapt src/Mlps.ML/Interop and this list.");
    }

    if (missing.Length > 0)
    {
        failed = true;
        continue;
    }

    // Another build may read the old copy at this moment.
    var target = Path.Combine(folder, Path.GetFileName(path));
    var temporary = $"{target}.{Environment.ProcessId}.tmp";
    File.WriteAllBytes(temporary, image);
    File.Move(temporary, target, overwrite: true);
}

return failed ? 1 : 0;
