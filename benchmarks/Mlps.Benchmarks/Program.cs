// --filter '*'            the benchmarks, by BenchmarkDotNet
// interleaved [benchmark] small differences, measured in interleaved runs (also called turns)
// against DLL [variants]   this build against another one, in interleaved runs
// wait [steps]            which share of a training step waits for data
// steps [count] [small|published] [full|tensorfloat32|bfloat16] [batch] [side]
//                         time, managed memory and native tensors of a training step
// scale [counts]          time and memory over the number of patches
// patches [counts] | patches plot FILE
//                         time and memory of listing, checking and shuffling a training table of so many patches
// memory [batch]          the most memory that pseudo masks take
// endurance steps|large   long runs, watched for memory
// soak [steps] [predictions] [threads] [folder] | soak plot [folder]
//                         whether memory and handles stay where they are
// server [bounded|unbounded|off] [images] [requests at a time]
//                         memory of predictions of images of many sizes
// slides FILE [mpp] [side] how fast the tiles of a slide's tissue are read where nothing is computed
// slide-picture FILE.png   synthetic tissue of 4,096 px, to make slides of
// stains [image]         pixels a second of stain normalization
// accuracy --data DIR     mean IoU over seeds, of the default settings or of others (--set, --split)
// tables [small|published|files] [images]
//                         what tables cost beside the call on tensors, and beside decoding files alone
// table [file]            the latest results as a table
// --device cuda:0         with steps, interleaved and tables: on a GPU
using BenchmarkDotNet.Running;
using Mlps.Benchmarks.Accuracy;
using Mlps.Benchmarks.Benchmarks;
using Mlps.Benchmarks.Endurance;
using Mlps.Benchmarks.InterleavedRuns;
using Mlps.Benchmarks.Report;
using Mlps.Benchmarks.Scale;
using Mlps.Benchmarks.Setup;
using Mlps.ML;
using Mlps.Slides;
using Mlps.Torch.Runtime;

if (args is [PlainProcess.Verb, ..])
{
    PlainProcess.LeaveLibTorchAsItComes();
}

ServerRun.Decide(args);
if (!PatchesRun.IsOne(args))
{
    LibTorch.EnsureLoaded();
}

try
{
    args = ChosenDevice.TakeFrom(args);
    if (ChosenDevice.IsGpu && args is not ["steps" or "interleaved" or "turns" or TablesRun.Verb, ..])
    {
        throw new UsageException("--device is for steps, interleaved and tables; the other verbs measure the CPU.");
    }

    return Run();
}
catch (Exception exception) when (exception is UsageException or TissueDataException or SlideException or FileNotFoundException or DirectoryNotFoundException)
{
    Console.Error.WriteLine(exception.Message.ReplaceLineEndings(" "));
    return 1;
}

int Run()
{
    switch (args)
    {
        case [ServerRun.Verb, .. var rest]:
            ServerRun.Run(rest);
            return 0;
        case [SoakRun.Verb, .. var rest]:
            return SoakRun.Run(rest);
        case ["endurance", .. var rest]:
            EnduranceRun.Run(rest);
            return 0;
        case ["scale", .. var counts]:
            ScaleRun.Run(counts);
            return 0;
        case [PatchesRun.Verb, .. var counts]:
            PatchesRun.Run(counts);
            return 0;
        case ["memory"]:
            MemoryRun.Run(4);
            return 0;
        case ["memory", var size]:
            MemoryRun.Run(Arguments.Count(size, "patches in a batch"));
            return 0;
        case ["wait"]:
            DataWaitBenchmark.Run(4);
            return 0;
        case ["wait", var count]:
            DataWaitBenchmark.Run(Arguments.Count(count, "steps"));
            return 0;
        case ["steps", .. { Length: <= 5 } rest]:
            StepCounter.Run(rest);
            return 0;
        case ["interleaved" or "turns", .. var names]:
            InterleavedRun.Run(names);
            return 0;
        case [TablesRun.Verb, .. { Length: <= 2 } rest]:
            TablesRun.Run(rest);
            return 0;
        case [AgainstBuild.Verb, var build, .. var variants]:
            AgainstBuild.Run(build, variants);
            return 0;
        case [ServedVariant.Verb, var variant]:
            ServedVariant.Serve(variant);
            return 0;
        case [PlainProcess.Verb, var stage]:
            PlainProcess.Serve(Arguments.Count(stage, "a stage"));
            return 0;
        case ["slides", var slide, .. { Length: <= 2 } rest]:
            SlideReading.Run(slide, rest);
            return 0;
        case ["slide-picture", var picture]:
            SlideReading.Draw(picture);
            return 0;
        case ["stains"]:
            StainSpeed.Run(null);
            return 0;
        case ["stains", var image]:
            StainSpeed.Run(image);
            return 0;
        case [AccuracyRun.Verb, .. var rest]:
            AccuracyRun.Run(rest);
            return 0;
        case ["table"]:
            return ReportTable.Run(null);
        case ["table", var file]:
            return ReportTable.Run(file);
        case [] or [['-', ..], ..]:
            return BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args).Any(summary => summary.HasCriticalValidationErrors) ? 1 : 0;
        default:
            throw new UsageException($"'{string.Join(' ', args)}' is not understood; the verbs and their arguments are at the top of benchmarks/Mlps.Benchmarks/Program.cs.");
    }
}
