using System.Numerics;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>Penalties in the loss, λ₂/2·‖W‖² + λ₁·‖W‖₁, and their gradient λ₂·w + λ₁·sign(w) with sign(0) = 0.</summary>
internal static unsafe class Penalty
{
    /// <summary>Whether a parameter is penalized: weights are, biases only where asked.</summary>
    public static bool Applies(RegularizationSpec? penalty, ParameterView parameter) =>
        penalty is not null && parameter.Role == ParameterRole.Trained && (penalty.L2 != 0 || penalty.L1 != 0) && (penalty.Biases || !parameter.IsBias);

    /// <summary>Adds the penalties' gradient to whole cache lines of a gradient.</summary>
    public static void AddGradient(RegularizationSpec penalty, float* gradient, float* parameters, int count)
    {
        var l2 = new Vector<float>(penalty.L2);
        var l1 = new Vector<float>(penalty.L1);
        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            Vector<float> w = Vector.Load(parameters + i);
            Vector<float> sign = Vector.ConditionalSelect(Vector.GreaterThan(w, Vector<float>.Zero), l1, Vector<float>.Zero);
            sign = Vector.ConditionalSelect(Vector.LessThan(w, Vector<float>.Zero), -l1, sign);
            Vector.Store(Vector.Load(gradient + i) + (l2 * w) + sign, gradient + i);
        }
    }

    /// <summary>The penalties of a run of parameters.</summary>
    public static double Loss(RegularizationSpec penalty, float* parameters, int count) =>
        (penalty.L2 == 0 ? 0 : penalty.L2 / 2.0 * VectorMath.SumOfSquares(parameters, count)) +
        (penalty.L1 == 0 ? 0 : penalty.L1 * SumOfMagnitudes(parameters, count));

    private static double SumOfMagnitudes(float* values, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
            sum += Math.Abs(values[i]);
        return sum;
    }
}
