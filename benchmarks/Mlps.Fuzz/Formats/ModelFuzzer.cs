using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.Fuzz.Damage;
using Mlps.ML;
using Mlps.ML.Tests.Interop;
using Mlps.Torch.Tests.Weights.Fuzzing;

namespace Mlps.Fuzz.Formats;

/// <summary>A model of tiny networks: its file is damaged as bytes, or its parts are and all sums are repaired.</summary>
/// <remarks>A model whose sums were not repaired predicts exactly as the sound one, or is refused.</remarks>
internal sealed class ModelFuzzer : IFormatFuzzer
{
    private const string Name = "The model";
    private const string Options = "model.json";
    private const string Weights = "weights.safetensors";
    private const string Key = "Model.key";
    private const int Width = 24;
    private const int Height = 20;
    private const int MostChanges = 3;

    private static readonly string[] _stages = [ModelFileBuilder.Classifier, ModelFileBuilder.PseudoMasks, ModelFileBuilder.Segmenter];

    private readonly int _seed;
    private readonly MLContext _ml = new(seed: 1);
    private readonly ModelFileBuilder _parts = new(FuzzFormats.PathOfFixture("model-0.1.zip"));
    private readonly byte[][] _sound;
    private readonly IDataView _images;
    private readonly string _expected;

    public ModelFuzzer(int seed)
    {
        _seed = seed;
        _sound = [File.ReadAllBytes(FuzzFormats.PathOfFixture("model-0.1.zip")), _parts.Create(CompressionLevel.NoCompression)];
        DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
        _images = _ml.Data.LoadFromEnumerable([new Row { Image = Picture() }]);
        _expected = Predict(_ml.TissueSegmentation.LoadModel(new MemoryStream(_sound[0])));
    }

    public void WarmUp()
    {
        foreach (var file in _sound)
        {
            if (!Read(file, areSumsRepaired: false, "the sound file"))
            {
                throw new InvalidOperationException("The sound model is refused.");
            }
        }
    }

    public FuzzCase Run(int number)
    {
        var random = FuzzFormats.RandomOf(_seed, number);
        var areSumsRepaired = number % 2 == 1;
        var file = areSumsRepaired ? Damaged(random) : Mutation.Apply(random, _sound[number / 2 % _sound.Length], _sound[random.Next(_sound.Length)]);
        var description = $"model of {file.Length} bytes, {(areSumsRepaired ? "sums repaired" : "bytes changed")}";
        return new(Read(file, areSumsRepaired, description), file.Length, description);
    }

    public void Dispose()
    {
    }

    private bool Read(byte[] file, bool areSumsRepaired, string description)
    {
        ITransformer model;
        try
        {
            model = _ml.TissueSegmentation.LoadModel(new MemoryStream(file));
        }
        catch (TissueDataException exception)
        {
            return Refusals.Check(exception, Name, description);
        }
        catch (Exception exception)
        {
            throw new FuzzFailureException($"{description}: {exception.GetType().Name} instead of {nameof(TissueDataException)}.", exception);
        }

        try
        {
            var actual = Predict(model);
            if (!areSumsRepaired && actual != _expected)
            {
                throw new FuzzFailureException($"{description}: it is loaded and predicts otherwise.", null);
            }
        }
        catch (Exception exception) when (areSumsRepaired && IsAnswer(exception.GetBaseException()))
        {
            // Somebody who repairs sums may write any model that code could make, such as one of another column.
            return false;
        }
        catch (Exception exception) when (exception is not FuzzFailureException)
        {
            throw new FuzzFailureException($"{description}: {exception.GetType().Name} where it predicts.", exception);
        }

        return true;
    }

    private static bool IsAnswer(Exception exception) => exception is ArgumentException or InvalidOperationException or FormatException or NotSupportedException or TissueDataException
        && exception is not (ArgumentNullException or ObjectDisposedException);

    /// <summary>A sum over every column that the model adds.</summary>
    private string Predict(ITransformer model)
    {
        using var owner = model as IDisposable;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var table = model.Transform(_images);
        foreach (var column in table.Schema.Where(column => !column.IsHidden && column.Type is VectorDataViewType))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(column.Name));
            using var cursor = table.GetRowCursor([column]);
            var read = column.Type.RawType == typeof(VBuffer<float>) ? Reader<float>(cursor, column) : column.Type.RawType == typeof(VBuffer<byte>) ? Reader<byte>(cursor, column) : null;
            while (read is not null && cursor.MoveNext())
            {
                hash.AppendData(read());
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static Func<byte[]> Reader<T>(DataViewRowCursor cursor, DataViewSchema.Column column)
        where T : unmanaged
    {
        var getter = cursor.GetGetter<VBuffer<T>>(column);
        VBuffer<T> values = default;
        return () =>
        {
            getter(ref values);
            return System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.DenseValues().ToArray().AsSpan()).ToArray();
        };
    }

    private byte[] Damaged(Random random)
    {
        var parts = new ModelFileBuilder(_parts);
        for (var i = random.Next(1, MostChanges + 1); i > 0; i--)
        {
            try
            {
                Change(random, parts);
            }
            catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
            {
                // The part is no longer there, or is there twice.
            }
        }

        return parts.Create(random.Next(4) == 0 ? CompressionLevel.NoCompression : CompressionLevel.Fastest);
    }

    private static void Change(Random random, ModelFileBuilder parts)
    {
        var stage = _stages[random.Next(_stages.Length)];
        string[] names = [.. parts.Names];
        var name = names[random.Next(names.Length)];
        switch (random.Next(10))
        {
            case 0 or 1 or 2 or 3:
                parts.Edit(stage, Options, json => JsonDamage.Apply(random, json));
                break;
            case 4 or 5:
                parts.Edit(stage, Weights, weights => SafetensorsDamage.Apply(random, weights));
                break;
            case 6:
                parts[stage + Key] = Mutation.Apply(random, parts[stage + Key], parts[ModelFileBuilder.ChainKey]);
                break;
            case 7:
                parts[name] = Mutation.Apply(random, parts[name], parts[names[random.Next(names.Length)]]);
                break;
            case 8:
                var content = parts[name];
                parts.Remove(name);
                var other = Encoding.UTF8.GetString(Mutation.Apply(random, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(names[random.Next(names.Length)])));
                if (random.Next(2) == 0 && other.Length > 0)
                {
                    parts.Add(other, content);
                }

                break;
            default:
                parts.Add(names[random.Next(names.Length)].Replace("000", "003", StringComparison.Ordinal), parts[name]);
                break;
        }
    }

    private static MLImage Picture()
    {
        var pixels = new byte[Width * Height * 4];
        new Random(1).NextBytes(pixels);
        for (var alpha = 3; alpha < pixels.Length; alpha += 4)
        {
            pixels[alpha] = byte.MaxValue;
        }

        return MLImage.CreateFromPixels(Width, Height, MLPixelFormat.Rgba32, pixels);
    }

    private sealed class Row
    {
        public MLImage? Image { get; set; }
    }
}
