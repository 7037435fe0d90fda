// NOTEBOOK OUTPUT [FEED [PACKAGE=VERSION …]]
// Runs the cells in this process and in the working folder, and writes the notebook with their outputs. FEED is a folder of packages; PACKAGE=VERSION takes that version of a package in place of the
// one that the notebook names.
using System.Globalization;
using Mlps.Notebook.Host.Execution;
using Mlps.Notebook.Host.Format;
using Mlps.Notebook.Host.Packages;

if (args is not [var source, var target, .. var rest])
{
    Console.Error.WriteLine("Mlps.Notebook.Host NOTEBOOK OUTPUT [FEED [PACKAGE=VERSION ...]]");
    return 2;
}

var notebook = NotebookFile.Read(source);
var versions = rest.Skip(1).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
var wanted = notebook.CodeCells.SelectMany(cell => PackageDirective.In(cell.Source)).Select(package => versions.TryGetValue(package.Name, out var version) ? package with { Version = version } : package).ToArray();
var packages = PackageRestore.Run(wanted, rest.FirstOrDefault());
packages.Load();
// What is stored must not depend on the language of the machine.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
try
{
    using var runner = new CellRunner(packages.Assemblies);
    await runner.RunAsync(notebook);
    return 0;
}
catch (CellException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
finally
{
    notebook.Write(target);
}
