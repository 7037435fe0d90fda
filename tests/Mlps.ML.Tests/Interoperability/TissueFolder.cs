using Mlps.ML.Tests.Chain;
using Mlps.Testing;

namespace Mlps.ML.Tests.Interoperability;

/// <summary>Make-believe tissue as files: twelve training patches of four slides, in the layout that <see cref="TissueDataset"/> reads.</summary>
public sealed class TissueFolder : IDisposable
{
    public const int Count = 12;
    public const int Slides = 4;

    private readonly TemporaryFolder _folder = new();

    public TissueFolder()
    {
        Directory.CreateDirectory(TrainFolder);
        for (var number = 0; number < Count; number++)
        {
            using var image = TinyTissue.Image(number, TinyTissue.Side, TinyTissue.Side);
            image.Save(PathOf(number));
        }
    }

    public string TrainFolder => _folder.Combine("train");

    public string File(string name) => _folder.Combine(name);

    public TissueDataset Open() => TissueDataset.Open(_folder.Path, TinyTissue.Classes);

    public void Dispose() => _folder.Dispose();

    internal string PathOf(int number) => Path.Combine(TrainFolder, $"slide{number % Slides}_{number:D2}_0-[{string.Join(' ', TinyTissue.Label(number).Select(present => present ? 1 : 0))}].png");
}
