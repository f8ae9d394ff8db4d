using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Functions;

public static partial class ScalarMath
{
    /// <summary>e to the power <paramref name="x"/>, the same bits as <see cref="Kernels.VectorMath.Exp"/>.</summary>
    public static float Exp(float x) => FloatFunctions<IsaScalar, float>.Exp(x);

    /// <summary>The natural logarithm, the same bits as <see cref="Kernels.VectorMath.Log"/>.</summary>
    public static float Log(float x) => FloatFunctions<IsaScalar, float>.Log(x);

    /// <summary>The hyperbolic tangent, the same bits as <see cref="Kernels.VectorMath.Tanh"/>.</summary>
    public static float Tanh(float x) => FloatFunctions<IsaScalar, float>.Tanh(x);

    /// <summary>1/(1 + exp(−x)), the same bits as <see cref="Kernels.VectorMath.Sigmoid"/>.</summary>
    public static float Sigmoid(float x) => FloatFunctions<IsaScalar, float>.Sigmoid(x);
}
