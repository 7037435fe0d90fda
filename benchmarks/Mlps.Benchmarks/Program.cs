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
// table [file]            the latest results as a table
// --device cuda:0         with steps and interleaved: on a GPU
using System.Globalization;
using BenchmarkDotNet.Running;
using Mlps.Benchmarks.Accuracy;
using Mlps.Benchmarks.Benchmarks;
using Mlps.Benchmarks.Endurance;
using Mlps.Benchmarks.InterleavedRuns;
using Mlps.Benchmarks.Report;
using Mlps.Benchmarks.Scale;
using Mlps.Benchmarks.Setup;
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

args = ChosenDevice.TakeFrom(args);
if (ChosenDevice.IsGpu && args is not ["steps" or "interleaved" or "turns", ..])
{
    Console.Error.WriteLine("--device is for steps and interleaved; the other verbs measure the CPU.");
    return 1;
}

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
    case ["memory", .. var batch]:
        MemoryRun.Run(batch is [var size] ? int.Parse(size, CultureInfo.InvariantCulture) : 4);
        return 0;
    case ["wait", .. var steps]:
        DataWaitBenchmark.Run(steps is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 4);
        return 0;
    case ["steps", .. var rest]:
        StepCounter.Run(rest);
        return 0;
    case ["interleaved" or "turns", .. var names]:
        InterleavedRun.Run(names);
        return 0;
    case [AgainstBuild.Verb, var build, .. var variants]:
        AgainstBuild.Run(build, variants);
        return 0;
    case [ServedVariant.Verb, var variant]:
        ServedVariant.Serve(variant);
        return 0;
    case [PlainProcess.Verb, var stage]:
        PlainProcess.Serve(int.Parse(stage, CultureInfo.InvariantCulture));
        return 0;
    case ["slides", var slide, .. var rest]:
        SlideReading.Run(slide, rest);
        return 0;
    case ["slide-picture", var picture]:
        SlideReading.Draw(picture);
        return 0;
    case ["stains", .. var image]:
        StainSpeed.Run(image.FirstOrDefault());
        return 0;
    case [AccuracyRun.Verb, .. var rest]:
        AccuracyRun.Run(rest);
        return 0;
    case ["table", .. var file]:
        return ReportTable.Run(file.FirstOrDefault());
    default:
        return BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args).Any(summary => summary.HasCriticalValidationErrors) ? 1 : 0;
}
