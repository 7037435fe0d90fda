using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.Benchmarks.Setup;
using Mlps.ML;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Endurance;

/// <summary>
/// Do memory and handles stay where they are? <c>soak [steps] [predictions] [threads] [folder]</c> trains both stages, then predicts images of many sizes, all with tiny networks. It writes <c>soak.csv</c> as it goes and <c>soak.svg</c>
/// at the end, and ends with 1 where something grew or an image was predicted in two ways. <c>soak plot [folder]</c> judges and draws a table that is there, such as that of a run that was stopped.
/// </summary>
internal static class SoakRun
{
    public const string Verb = "soak";

    private const string TableName = "soak.csv";
    private const int ClassCount = 4;
    private const int Images = 2000;
    private const int SmallestSide = 16;
    private const int LargestSide = 64;
    private const int SamplesPerPhase = 100;
    private const int StepsPerEpoch = 10;
    private const int PatchSide = 32;
    private const int BatchSize = 4;
    private const double ClassifierWidth = 1.0 / 64;

    private static readonly SegmenterArchitecture _architecture = new() { Backbone = BackboneKind.Compact, Width = 1.0 / 32 };

    public static int Run(string[] arguments)
    {
        if (arguments is ["plot", .. var folders])
        {
            var plotted = folders is [var named, ..] ? named : ".";
            return Finish([.. File.ReadLines(Path.Combine(plotted, TableName)).Skip(1).Select(SoakSample.Parse)], plotted) ? 0 : 1;
        }

        int Number(int index, int otherwise) => arguments.Length > index ? Arguments.Count(arguments[index], "steps, predictions or threads") : otherwise;
        var (steps, predictions, threads) = (Number(0, 10_000), Number(1, 100_000), Number(2, 8));
        var folder = Directory.CreateDirectory(arguments.Length > 3 ? arguments[3] : ".").FullName;

        using var log = new SoakLog(Path.Combine(folder, TableName));
        Train(steps, log);
        var areMasksSame = Predict(predictions, threads, log);

        return Finish(log.Samples, folder) && areMasksSame ? 0 : 1;
    }

    /// <summary>Draws the plot; true where all is flat.</summary>
    private static bool Finish(IReadOnlyList<SoakSample> samples, string folder)
    {
        SoakPlot.Write(samples, Path.Combine(folder, "soak.svg"));
        return SoakFlatness.Judge(samples, Console.WriteLine);
    }

    /// <summary>Half of the steps for each stage.</summary>
    private static void Train(int steps, SoakLog log)
    {
        using var store = RandomPatches.Fill(StepsPerEpoch * BatchSize, PatchSide, ClassCount, maskCount: 3);
        var epochs = steps / 2 / StepsPerEpoch;
        using var classifier = new ResNet38(ClassCount, ClassifierWidth);
        using var segmenter = new DeepLabV3Plus(ClassCount, _architecture);
        new PatchClassifierTrainer(classifier, store, new() { Epochs = epochs, BatchSize = BatchSize }, Normalization.None, CPU).Train(new Watcher(log, "classifier", steps / 2), CancellationToken.None);
        new SegmenterTrainer(segmenter, store, new() { Epochs = epochs, BatchSize = BatchSize }, Normalization.None, CPU).Train(new Watcher(log, "segmenter", steps / 2), CancellationToken.None);
    }

    /// <summary>Threads with an engine each share the model and the images; each image's mask must be the same every time.</summary>
    private static bool Predict(int predictions, int threads, SoakLog log)
    {
        DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
        using var tissue = new Tissue(trainPatches: 2, testImages: 1, PatchSide);
        using var chain = new BenchmarkChain(new MLContext(1), tissue.Dataset, ClassifierWidth, _architecture, SharedChain.Batch);
        var random = new Random(1);
        (int Width, int Height)[] sizes = [.. Enumerable.Range(0, Images).Select(_ => (random.Next(SmallestSide, LargestSide), random.Next(SmallestSide, LargestSide)))];
        var masks = new ConcurrentDictionary<int, int>();
        var (next, done, others) = (0, 0, 0);
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Work))];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} predictions of {masks.Count} images in {threads} threads; {others} masks differ from the first of their image"));
        return others == 0 && done == predictions;

        void Work()
        {
            using var engine = new MLContext(1).Model.CreatePredictionEngine<ImageOfAnySize, MaskRow>(chain.Model, new PredictionEngineOptions { OwnsTransformer = false });
            for (var number = Interlocked.Increment(ref next) - 1; number < predictions; number = Interlocked.Increment(ref next) - 1)
            {
                var which = number * 7 % Images;
                using var image = NoiseImage.Create(sizes[which].Width, sizes[which].Height, which);
                var hash = new HashCode();
                hash.AddBytes(engine.Predict(new ImageOfAnySize { Image = image }).PredictedMask);
                var sum = hash.ToHashCode();
                if (masks.GetOrAdd(which, sum) != sum)
                {
                    Interlocked.Increment(ref others);
                }

                log.Report("prediction", Interlocked.Increment(ref done), predictions);
            }
        }
    }

    /// <summary>Keeps a sample each time that another hundredth of a phase is done.</summary>
    private sealed class SoakLog : IDisposable
    {
        private readonly StreamWriter _table;
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly List<SoakSample> _samples = [];

        public SoakLog(string path)
        {
            _table = new StreamWriter(path) { AutoFlush = true };
            Write(SoakSample.Header);
        }

        public IReadOnlyList<SoakSample> Samples => _samples;

        public void Report(string phase, int done, int whole)
        {
            if (done % Math.Max(1, whole / SamplesPerPhase) != 0)
            {
                return;
            }

            lock (_samples)
            {
                _samples.Add(SoakSample.Take(phase, done, _clock.Elapsed));
                Write(_samples[^1].ToString());
            }
        }

        public void Dispose() => _table.Dispose();

        private void Write(string line)
        {
            _table.WriteLine(line);
            Console.WriteLine(line);
        }
    }

    private sealed class Watcher(SoakLog log, string phase, int whole) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (!value.EpochEnded)
            {
                log.Report(phase, (int)value.Step, whole);
            }
        }
    }
}
