using System.CommandLine;
using System.Diagnostics;
using Mlps.Torch.Tests.Weights;
using Mlps.Torch.Tests.Weights.Fuzzing;
using Mlps.Torch.Weights;
using TorchSharp;

// Damages real weight files of every format, and holds the reader to its promises: read or refuse, soon, within twice the file's memory.
// dotnet run -c Release --project benchmarks/Mlps.Fuzz -- --cases 100000
var cases = new Option<int>("--cases") { Description = "Number of damaged files to read.", DefaultValueFactory = _ => 100_000 };
var first = new Option<int>("--first") { Description = "Number of the first case, to repeat one or to go on.", DefaultValueFactory = _ => 0 };
var seed = new Option<int>("--seed") { Description = "Seed of all damage; a case depends on it and on its number alone.", DefaultValueFactory = _ => 1 };
var threads = new Option<int>("--threads") { Description = "Cases to run at once.", DefaultValueFactory = _ => 1 };
var files = new Argument<FileInfo[]>("files") { Description = "More weight files to damage.", DefaultValueFactory = _ => [] };
var command = new RootCommand("Reads damaged weight files.") { cases, first, seed, threads, files };
command.SetAction(arguments =>
{
    IEnumerable<string> fixtures = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Fixtures"), "*.pth").Order();
    return Run(
        FuzzSeeds.Create([.. fixtures, .. arguments.GetRequiredValue(files).Select(file => file.FullName)]),
        arguments.GetValue(cases),
        arguments.GetValue(first),
        arguments.GetValue(seed),
        arguments.GetValue(threads));
});
return await command.Parse(args).InvokeAsync();

static int Run(IReadOnlyList<FuzzSeed> seeds, int cases, int first, int seed, int threads)
{
    Console.WriteLine($"{cases} cases of seed {seed} from case {first}, over {seeds.Count} files:");
    foreach (var file in seeds)
    {
        Console.WriteLine($"  {file.Name}, {file.Content.Length} bytes");
    }

    // Loading libtorch takes memory of its own, which no case shall be charged with.
    torch.zeros(1).Dispose();

    const int CasesPerLine = 10_000;
    var clock = Stopwatch.StartNew();
    int read = 0, refused = 0, failed = 0;
    using var net = new SpelledNet();
    var fuzzer = new WeightFileFuzzer(
        seed,
        seeds,
        (file, name) =>
        {
            using var tensor = file.Load(name);
        },
        file => net.CompareWeights(file));
    Parallel.For(first, first + cases, new ParallelOptions { MaxDegreeOfParallelism = threads }, number =>
    {
        try
        {
            Interlocked.Increment(ref fuzzer.Run(number) ? ref read : ref refused);
        }
        catch (FuzzFailureException e)
        {
            Interlocked.Increment(ref failed);
            Console.Error.WriteLine($"FAILED {e.Message} {e.InnerException}");
        }

        var done = read + refused + failed;
        if (done % CasesPerLine == 0)
        {
            Console.WriteLine($"{done} cases, {clock.Elapsed.TotalSeconds:F0} s, {Process.GetCurrentProcess().WorkingSet64 >> 20} MiB");
        }
    });
    Console.WriteLine($"{cases} cases in {clock.Elapsed.TotalSeconds:F0} s: {read} read, {refused} refused, {failed} failed");
    return failed == 0 ? 0 : 1;
}
