using System.CommandLine;
using Mlps.Fuzz.Formats;
using Mlps.Fuzz.Running;

// Damages files of every format that the library reads, and holds it to its promises: read or refuse, soon, within a bound of memory, and never predict otherwise without an error.
// dotnet run -c Release --project benchmarks/Mlps.Fuzz -- --format model --cases 10000
var format = new Option<FuzzFormat[]>("--format") { Description = "What to damage: weights, model, checkpoint, image, dataset, regions, all of them by default; or openSlide.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. FuzzFormats.Real] };
var cases = new Option<int>("--cases") { Description = "Damaged files of each format to read.", DefaultValueFactory = _ => 100_000 };
var first = new Option<int?>("--first") { Description = "Number of the first case, to repeat one or to go on. Default: the first that is not in the ledger, or 0." };
var ledgerFile = new Option<FileInfo?>("--ledger") { Description = "CSV file to which each run is added. A run can be stopped (Ctrl-C), and the same command goes on." };
var seed = new Option<int>("--seed") { Description = "Seed of all damage; a case depends on it and on its number alone.", DefaultValueFactory = _ => 1 };
var threads = new Option<int>("--threads") { Description = "Cases to run at once, each in a process of its own.", DefaultValueFactory = _ => 1 };
var minutes = new Option<double?>("--minutes") { Description = "Minutes after which no case of a format is begun." };
var seconds = new Option<double>("--seconds") { Description = "Seconds that a case may take.", DefaultValueFactory = _ => new FuzzLimits().Time.TotalSeconds };
var files = new Argument<FileInfo[]>("files") { Description = "More weight files to damage.", DefaultValueFactory = _ => [] };
var command = new RootCommand("Reads damaged files, in a child process that is started anew when a case ends it or takes too long.") { format, cases, first, ledgerFile, seed, threads, minutes, seconds, files };
command.SetAction((arguments, stop) =>
{
    var isSound = true;
    var ledger = arguments.GetValue(ledgerFile) is { } file ? new FuzzLedger(file.FullName) : null;
    foreach (var one in arguments.GetRequiredValue(format))
    {
        var start = arguments.GetValue(first) ?? ledger?.Next(one, arguments.GetValue(seed)) ?? 0;
        var run = new FuzzRun(one, arguments.GetValue(seed), FuzzLimits.For(one) with { Time = TimeSpan.FromSeconds(arguments.GetValue(seconds)) })
        {
            Files = [.. arguments.GetRequiredValue(files).Select(file => file.FullName)],
            Processes = arguments.GetValue(threads),
            Time = arguments.GetValue(minutes) is { } limit ? TimeSpan.FromMinutes(limit) : TimeSpan.MaxValue,
        };
        var report = run.Run(start, arguments.GetValue(cases), Console.WriteLine, stop);
        Console.WriteLine(report);
        if (report.Cases > 0)
        {
            ledger?.Add(report.ToRecord(start));
        }

        isSound &= report.Faults.Count == 0;
    }

    return Task.FromResult(isSound ? 0 : 1);
});

var tabled = new Argument<FileInfo>("ledger");
var table = new Command("table", "Prints the sums of a ledger as a Markdown table.") { tabled };
table.SetAction(arguments => Console.WriteLine(string.Join('\n', new FuzzLedger(arguments.GetRequiredValue(tabled).FullName).Table())));
command.Subcommands.Add(table);

var served = new Option<FuzzFormat>("--format") { Required = true };
var serve = new Command("serve", "Runs the cases whose numbers stand on the standard input; the command above starts this.") { served, seed, files };
serve.SetAction(arguments => FuzzServer.Run(arguments.GetValue(served), arguments.GetValue(seed), arguments.GetRequiredValue(files).Select(file => file.FullName)));
command.Subcommands.Add(serve);
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
