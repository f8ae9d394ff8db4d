namespace Lockstep.Engine.Simd;

/// <summary>
/// One width of vector instructions. All kernels are written once against this, and the just-in-time compiler makes each
/// width's own code of them. Every operation is exactly rounded and per lane, so all widths give the same bits.
/// </summary>
/// <typeparam name="TVector">The raw vector type: a struct around it would keep accumulators out of registers.</typeparam>
public unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Lanes in a vector.</summary>
    static abstract int Width { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(float* destination, TVector value);

    /// <summary>The number in every lane.</summary>
    static abstract TVector Broadcast(float value);

    /// <summary>The bits in every lane.</summary>
    static abstract TVector BroadcastBits(int bits);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract TVector FusedMultiplyAdd(TVector a, TVector b, TVector c);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    static abstract TVector SquareRoot(TVector a);

    static abstract TVector And(TVector a, TVector b);

    static abstract TVector Or(TVector a, TVector b);

    static abstract TVector Xor(TVector a, TVector b);

    /// <summary>The sum of the lanes taken as 32-bit whole numbers.</summary>
    static abstract TVector AddBits(TVector a, TVector b);

    /// <summary>The difference of the lanes taken as 32-bit whole numbers.</summary>
    static abstract TVector SubtractBits(TVector a, TVector b);

    static abstract TVector ShiftBitsLeft(TVector a, int count);

    /// <summary>The shift that keeps the sign.</summary>
    static abstract TVector ShiftBitsRight(TVector a, int count);

    /// <summary>The whole numbers that the lanes' bits are, as float32.</summary>
    static abstract TVector ToFloat(TVector bits);

    /// <summary>All bits where a is less than b; none where it is not, or where either is NaN.</summary>
    static abstract TVector LessThan(TVector a, TVector b);

    /// <summary>All bits where a equals b; none where either is NaN.</summary>
    static abstract TVector Equals(TVector a, TVector b);

    /// <summary>a where the mask has all bits, b where it has none.</summary>
    static abstract TVector Select(TVector mask, TVector a, TVector b);

    /// <summary>a where it is less than b, else b: b where either is NaN.</summary>
    static abstract TVector Minimum(TVector a, TVector b);

    /// <summary>Whether the mask has all bits in any lane.</summary>
    static abstract bool Any(TVector mask);

    /// <summary>Takes 2·Width numbers apart: 0, 2, 4 …, and 1, 3, 5 ….</summary>
    static abstract void LoadPairs(float* source, out TVector even, out TVector odd);

    /// <summary>Takes 4·Width numbers apart: 0, 4, 8 …, and 1, 5, 9 …, and so on.</summary>
    static abstract void LoadFours(float* source, out TVector first, out TVector second, out TVector third, out TVector fourth);
}
