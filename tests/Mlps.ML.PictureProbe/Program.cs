// FOLDER NAME NAME
// Draws one of each picture into a folder, with two classes of these names.
using System.Globalization;
using Mlps.ML;
using Mlps.Torch.Training;

const int Size = 96, Maps = 12;
var folder = Directory.CreateDirectory(args[0]).FullName;
var classes = new TissueClasses([new(args[1], new(205, 51, 51)), new(args[2], new(65, 105, 225))], background: new("glass", new(250, 250, 210)));
var image = new RgbImage(Size, Size, [.. Enumerable.Range(0, 3 * Size * Size).Select(i => (byte)((i * 7) % 256))]);
byte[] mask = [.. Enumerable.Range(0, Size * Size).Select(i => (byte)(i % Size * 3 / Size))];
float[] maps = [.. Enumerable.Range(0, 3 * 2 * Maps * Maps).Select(i => MathF.Sin(i / 9f))];

ContactSheet.Draw([new() { Name = "slide-7 µm, χ² ≥ 0.5", Image = image, Truth = mask, Prediction = mask, PseudoMasks = [mask] }], classes, new() { Title = "Некроз, CD8⁺, Đường" }).Save(PathOf("contact-sheet"));
ActivationSheet.Draw(image, maps, Maps, Maps, classes, new() { Title = "Activation maps" }).Save(PathOf("activation-maps"));
HeatMapPicture.Draw(image, maps.AsSpan(0, Maps * Maps), Maps, Maps, new() { Title = "b4_5" }).Save(PathOf("heat-map"));
OverlayPicture.Draw(image, mask, classes).Save(PathOf("overlay"));
MaskPicture.Draw(mask, Size, Size, classes).Save(PathOf("mask"));

// A culture with commas: numbers in pictures are those of the library, not of the machine.
CultureInfo.CurrentCulture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
CultureInfo.CurrentCulture.NumberFormat.NumberDecimalSeparator = args.Length > 3 ? args[3] : ".";
File.WriteAllBytes(PathOf("curves"), Mlps.Cli.Output.TrainingCurves.Draw([.. Epochs(TrainingStage.PatchClassifier), .. Epochs(TrainingStage.Segmenter)]));

string PathOf(string name) => Path.Combine(folder, name + ".png");

static IEnumerable<TrainingProgress> Epochs(TrainingStage stage) => Enumerable.Range(1, 6).Select(epoch => new TrainingProgress
{
    Stage = stage,
    Epoch = epoch,
    Epochs = 6,
    Step = epoch,
    Steps = 6,
    EpochEnded = true,
    Loss = 0.7 / epoch,
    LearningRate = 0.01,
    PatchesPerSecond = 100,
    Remaining = TimeSpan.Zero,
    Scores = new Dictionary<string, double> { ["validation.meanIoU"] = 1 - (0.5 / epoch), ["validation.labelIoU"] = 0.9 - (0.4 / epoch) },
});
