using Lockstep.Engine.Kernels;

namespace Lockstep.Engine.Optimization;

/// <summary>A bound on the Euclidean norm of the rows of a weight.</summary>
internal static unsafe class MaxNorm
{
    /// <summary>Row ← row·min(1, bound/‖row‖): the factor in float64, rounded once.</summary>
    /// <param name="bound">The most that a norm may be.</param>
    /// <param name="weight">[rows, columns].</param>
    /// <param name="rows">Output units.</param>
    /// <param name="columns">Numbers of each.</param>
    public static void Apply(float bound, float* weight, int rows, long columns)
    {
        for (int row = 0; row < rows; row++)
        {
            float* w = weight + (row * columns);
            double norm = Math.Sqrt(VectorMath.SumOfSquares(w, columns));
            if (norm > bound)
                VectorMath.Scale(w, columns, (float)(bound / norm));
        }
    }
}
