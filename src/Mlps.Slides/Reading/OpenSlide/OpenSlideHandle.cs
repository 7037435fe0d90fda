using System.Runtime.InteropServices;

namespace Mlps.Slides;

/// <summary>A slide that OpenSlide has open; closed when the last reader is done.</summary>
internal sealed class OpenSlideHandle : SafeHandle
{
    private readonly OpenSlideLibrary _library;

    public OpenSlideHandle(OpenSlideLibrary library, nint slide)
        : base(nint.Zero, ownsHandle: true)
    {
        _library = library;
        SetHandle(slide);
    }

    public override bool IsInvalid => handle == nint.Zero;

    protected override bool ReleaseHandle()
    {
        _library.Close(handle);
        return true;
    }
}
