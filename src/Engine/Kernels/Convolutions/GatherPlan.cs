using System.Runtime.CompilerServices;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// Sums over k of weight·source at the places of a grid: result(row, place) = Σₖ weight[row·WeightStride + WeightOffset(k)]·source[place + Offset(k)].
/// Convolutions and their input gradients are such sums, whatever their strides.
/// </summary>
internal sealed unsafe class GatherPlan
{
    // Pinned: kernels keep their addresses.
    private readonly int[] _offsets;
    private readonly int[] _weightOffsets;

    /// <param name="offsets">For each k where the source lies, from a place's own.</param>
    /// <param name="weightOffsets">For each k where the weight lies, from its row's first.</param>
    public GatherPlan(ReadOnlySpan<int> offsets, ReadOnlySpan<int> weightOffsets)
    {
        _offsets = Pinned(offsets);
        _weightOffsets = Pinned(weightOffsets);
        Depth = offsets.Length;
    }

    /// <summary>How many k; may be 0, and then every sum is +0.</summary>
    public int Depth { get; }

    /// <summary>From one row's weights to the next row's.</summary>
    public required int WeightStride { get; init; }

    /// <summary>Rows of the grid.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns of the grid.</summary>
    public required int Columns { get; init; }

    /// <summary>Numbers of the source from one row of the grid to the next; columns lie side by side.</summary>
    public required int SourcePitch { get; init; }

    /// <summary>Where the grid's first place lies in a channel of the result.</summary>
    public required int ResultOrigin { get; init; }

    /// <summary>Numbers of the result from one row of the grid to the next.</summary>
    public required int ResultPitch { get; init; }

    /// <summary>Numbers of the result from one column to the next.</summary>
    public required int ResultStep { get; init; }

    /// <summary>Places of the grid.</summary>
    public int Places => Rows * Columns;

    /// <summary>Whether places that follow one another do so in the result too.</summary>
    public bool IsResultDense => ResultStep == 1 && (ResultPitch == Columns || Rows == 1);

    public int* Offsets => (int*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_offsets));

    public int* WeightOffsets => (int*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_weightOffsets));

    private static int[] Pinned(ReadOnlySpan<int> numbers)
    {
        int[] pinned = GC.AllocateUninitializedArray<int>(numbers.Length, pinned: true);
        numbers.CopyTo(pinned);
        return pinned;
    }
}
