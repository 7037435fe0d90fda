using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Interop;

namespace Mlps.ML;

/// <summary>The columns that image tables have.</summary>
internal static class PatchColumns
{
    public static PatchColumn Name { get; } = new PatchColumn<ReadOnlyMemory<char>>(
        TissueColumns.Name,
        TextDataViewType.Instance,
        (TissuePatch patch, ref ReadOnlyMemory<char> value) => value = patch.Name.AsMemory());

    public static PatchColumn ImagePath { get; } = new PatchColumn<ReadOnlyMemory<char>>(
        TissueColumns.ImagePath,
        TextDataViewType.Instance,
        (TissuePatch patch, ref ReadOnlyMemory<char> value) => value = patch.ImagePath.AsMemory());

    /// <summary>The slides of patches in a folder.</summary>
    public static PatchColumn Source(SourceRule rule, string folder) => new PatchColumn<ReadOnlyMemory<char>>(
        TissueColumns.Source,
        TextDataViewType.Instance,
        (TissuePatch patch, ref ReadOnlyMemory<char> value) => value = rule.Find(patch, folder).AsMemory());

    /// <summary>Images of any size.</summary>
    public static PatchColumn AnyImage { get; } = ImageOf(new ImageDataViewType(), patch => ImageFile.Read(patch.ImagePath));

    /// <summary>Images of one size.</summary>
    public static PatchColumn Image((int Height, int Width) size) => ImageOf(new ImageDataViewType(size.Height, size.Width), patch => ImageFile.Read(patch.ImagePath, size));

    /// <summary>Patch labels [C].</summary>
    public static PatchColumn Label(TissueClasses classes) => new PatchColumn<VBuffer<bool>>(
        TissueColumns.Label,
        new VectorDataViewType(BooleanDataViewType.Instance, classes.Count),
        (TissuePatch patch, ref VBuffer<bool> value) =>
        {
            var editor = VBufferEditor.Create(ref value, classes.Count);
            for (var index = 0; index < classes.Count; index++)
            {
                editor.Values[index] = patch.Label![index];
            }

            value = editor.Commit();
        },
        ClassAnnotations.Create(classes.Names, perSlot: true));

    /// <summary>Masks [H, W].</summary>
    public static PatchColumn Mask(TissueClasses classes, (int Height, int Width) size) => new PatchColumn<VBuffer<byte>>(
        TissueColumns.Mask,
        new VectorDataViewType(NumberDataViewType.Byte, size.Height, size.Width),
        (TissuePatch patch, ref VBuffer<byte> value) =>
        {
            var editor = VBufferEditor.Create(ref value, size.Height * size.Width);
            PalettePng.ReadMask(patch.MaskPath!, classes, size.Width, size.Height, editor.Values);
            value = editor.Commit();
        },
        ClassAnnotations.Create(classes.Names, perSlot: false));

    /// <summary>The last row's image is the cursor's to dispose, as in ML.NET's own image loader.</summary>
    public static void Replace(ref MLImage value, MLImage image)
    {
        value?.Dispose();
        value = image;
    }

    private static PatchColumn<MLImage> ImageOf(ImageDataViewType type, Func<TissuePatch, MLImage> decode) => new(
        TissueColumns.Image,
        type,
        (TissuePatch patch, ref MLImage value) => Replace(ref value, decode(patch)))
    {
        Decode = decode,
    };
}
