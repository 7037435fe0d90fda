using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Mlps.Torch.Ranks;

/// <summary>The functions and handles of Open MPI that are used, found when they are first needed.</summary>
/// <remarks>Handles are addresses of objects that the library exports. Other MPIs have other handles and other names of files.</remarks>
internal sealed unsafe class MpiLibrary
{
    /// <summary>The environment variable that names the library's file.</summary>
    public const string Variable = "MLPS_MPI";

    /// <summary>Threads may call the library one at a time.</summary>
    private const int ThreadsSerialized = 2;

    private const int MaximumText = 256;

    private static readonly void* InPlace = (void*)1;

    private readonly delegate* unmanaged[Cdecl]<int*, int> _initialized;
    private readonly delegate* unmanaged[Cdecl]<int*, int> _finalized;
    private readonly delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int> _initThread;
    private readonly delegate* unmanaged[Cdecl]<nint, int*, int> _commRank;
    private readonly delegate* unmanaged[Cdecl]<nint, int*, int> _commSize;
    private readonly delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, int> _allreduce;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int> _broadcast;
    private readonly delegate* unmanaged[Cdecl]<int> _finalize;
    private readonly delegate* unmanaged[Cdecl]<nint, int, int> _abort;
    private readonly delegate* unmanaged[Cdecl]<byte*, int*, int> _version;
    private readonly nint _world;
    private readonly nint _sum;
    private readonly Dictionary<Type, nint> _types;

    private MpiLibrary(nint library)
    {
        _world = NativeLibrary.GetExport(library, "ompi_mpi_comm_world");
        _sum = NativeLibrary.GetExport(library, "ompi_mpi_op_sum");
        _types = new()
        {
            [typeof(float)] = NativeLibrary.GetExport(library, "ompi_mpi_float"),
            [typeof(double)] = NativeLibrary.GetExport(library, "ompi_mpi_double"),
            [typeof(long)] = NativeLibrary.GetExport(library, "ompi_mpi_int64_t"),
            [typeof(byte)] = NativeLibrary.GetExport(library, "ompi_mpi_uint8_t"),
        };
        _initialized = (delegate* unmanaged[Cdecl]<int*, int>)NativeLibrary.GetExport(library, "MPI_Initialized");
        _finalized = (delegate* unmanaged[Cdecl]<int*, int>)NativeLibrary.GetExport(library, "MPI_Finalized");
        _initThread = (delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int>)NativeLibrary.GetExport(library, "MPI_Init_thread");
        _commRank = (delegate* unmanaged[Cdecl]<nint, int*, int>)NativeLibrary.GetExport(library, "MPI_Comm_rank");
        _commSize = (delegate* unmanaged[Cdecl]<nint, int*, int>)NativeLibrary.GetExport(library, "MPI_Comm_size");
        _allreduce = (delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, int>)NativeLibrary.GetExport(library, "MPI_Allreduce");
        _broadcast = (delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int>)NativeLibrary.GetExport(library, "MPI_Bcast");
        _finalize = (delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(library, "MPI_Finalize");
        _abort = (delegate* unmanaged[Cdecl]<nint, int, int>)NativeLibrary.GetExport(library, "MPI_Abort");
        _version = (delegate* unmanaged[Cdecl]<byte*, int*, int>)NativeLibrary.GetExport(library, "MPI_Get_library_version");
    }

    /// <summary>Its name and version, such as <c>Open MPI v4.1.4</c>.</summary>
    public string Version
    {
        get
        {
            // The standard's limit is 256 characters in Open MPI, and the length is returned.
            var text = stackalloc byte[MaximumText + 1];
            var length = 0;
            Require(_version(text, &length), "MPI_Get_library_version");
            return Encoding.UTF8.GetString(text, length).Split(',')[0];
        }
    }

    /// <summary>Whether the library was started by somebody, or was started and ended.</summary>
    public bool IsTouched
    {
        get
        {
            int started = 0, ended = 0;
            Require(_initialized(&started), "MPI_Initialized");
            Require(_finalized(&ended), "MPI_Finalized");
            return started != 0 || ended != 0;
        }
    }

    /// <summary>Loads the library.</summary>
    /// <exception cref="InvalidOperationException">It is not there, or is another MPI.</exception>
    public static MpiLibrary Load() => Load(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : OperatingSystem.IsMacOS() ? "libmpi.40.dylib" : "libmpi.so.40");

    /// <summary>Loads a file.</summary>
    /// <exception cref="InvalidOperationException">It is not there, or is another MPI.</exception>
    public static MpiLibrary Load(string file)
    {
        if (!NativeLibrary.TryLoad(file, out var library))
        {
            throw new InvalidOperationException(
                $"Open MPI's library '{file}' cannot be loaded, and ranks exchange their gradients by it. Install it: on Debian and Ubuntu by 'apt-get install libopenmpi3 openmpi-bin' (newer releases: libopenmpi40), or load your cluster's module of Open MPI 4 or 5. Or name its file in the environment variable {Variable}.");
        }

        try
        {
            return new MpiLibrary(library);
        }
        catch (EntryPointNotFoundException exception)
        {
            NativeLibrary.Free(library);
            throw new InvalidOperationException($"The library '{file}' is not Open MPI 4 or 5: {exception.Message} Other MPIs have other handles and cannot be used; name Open MPI's file in the environment variable {Variable}.", exception);
        }
    }

    /// <summary>Joins the processes that the launcher started.</summary>
    /// <exception cref="InvalidOperationException">The library cannot be started so that several threads of a process use it.</exception>
    public (int Rank, int Count) Start()
    {
        var provided = 0;
        Require(_initThread(null, null, ThreadsSerialized, &provided), "MPI_Init_thread");
        if (provided < ThreadsSerialized)
        {
            throw new InvalidOperationException($"This build of {Version} may only be called by the thread that started it; use one that was built with support for threads.");
        }

        int rank = 0, count = 0;
        Require(_commRank(_world, &rank), "MPI_Comm_rank");
        Require(_commSize(_world, &count), "MPI_Comm_size");
        return (rank, count);
    }

    public void Sum<T>(Span<T> values)
        where T : unmanaged
    {
        fixed (T* first = values)
        {
            Require(_allreduce(InPlace, first, values.Length, _types[typeof(T)], _sum, _world), "MPI_Allreduce");
        }
    }

    public void Broadcast(Span<byte> bytes, int root)
    {
        fixed (byte* first = bytes)
        {
            Require(_broadcast(first, bytes.Length, _types[typeof(byte)], root, _world), "MPI_Bcast");
        }
    }

    /// <summary>Waits for all ranks, and leaves.</summary>
    public void End() => Require(_finalize(), "MPI_Finalize");

    /// <summary>Ends all ranks at once.</summary>
    public void Abort(int exitCode) => _ = _abort(_world, exitCode);

    /// <summary>Open MPI ends the job by itself where an exchange fails; other faults come here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Require(int result, string function)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"{function} failed with code {result}. The launcher's messages say why; check that all ranks were started by the same mpirun or srun and the same version of Open MPI.");
        }
    }
}
