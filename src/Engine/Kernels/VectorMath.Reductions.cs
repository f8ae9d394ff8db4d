namespace Lockstep.Engine.Kernels;

public static unsafe partial class VectorMath
{
    /// <summary>Every reduction keeps this many partial results: element i goes to lane i mod 16, and lanes are combined as a tree.</summary>
    public const int Lanes = Reduction.Lanes;

    /// <summary>Σ x² in float64, where each square is exact; NaN and infinity come through.</summary>
    public static double SumOfSquares(float* x, long count)
    {
        var squares = default(SquareSum);
        squares.Add(x, count);
        return squares.Total;
    }

    /// <summary>Σ x in float32.</summary>
    public static float Sum(float* x, long count) => Reduction.Fold(default(AddOperator), x, count, 0f);

    /// <summary>The largest element, −∞ of none. NaN is never the largest.</summary>
    public static float Max(float* x, long count) => Reduction.Fold(default(MaxOperator), x, count, float.NegativeInfinity);

    /// <summary>Whether no element is NaN or infinite.</summary>
    public static bool AllFinite(float* x, long count) => Reduction.Fold(default(NotFiniteOperator), x, count, 0f) == 0f;
}
