namespace Lockstep.Engine.Kernels;

/// <summary>
/// Functions over arrays, element by element: an element's bits depend on the element alone, not on the vector width or on
/// where it lies. Results may lie where an argument lies. A pointer needs no alignment, and nothing outside [0, count) is touched.
/// </summary>
public static unsafe partial class VectorMath
{
    /// <summary>y = exp x, below 1 ULP.</summary>
    public static void Exp(float* x, float* y, long count) => Elementwise.Map(default(ExpOperator), x, y, count);

    /// <summary>y = ln x, below 1 ULP: −∞ of zero, NaN of negative numbers.</summary>
    public static void Log(float* x, float* y, long count) => Elementwise.Map(default(LogOperator), x, y, count);

    /// <summary>y = tanh x, below 1 ULP.</summary>
    public static void Tanh(float* x, float* y, long count) => Elementwise.Map(default(TanhOperator), x, y, count);

    /// <summary>dx = dy·(1 − y²), where y = tanh x.</summary>
    public static void TanhGradient(float* y, float* dy, float* dx, long count) => Elementwise.Map(default(TanhGradientOperator), y, dy, dx, count);

    /// <summary>y = 1/(1 + exp(−x)), below 1 ULP.</summary>
    public static void Sigmoid(float* x, float* y, long count) => Elementwise.Map(default(SigmoidOperator), x, y, count);

    /// <summary>dx = dy·y·(1 − y), where y = sigmoid x.</summary>
    public static void SigmoidGradient(float* y, float* dy, float* dx, long count) => Elementwise.Map(default(SigmoidGradientOperator), y, dy, dx, count);

    /// <summary>y = x, or +0 where x is below zero; NaN stays NaN.</summary>
    public static void Relu(float* x, float* y, long count) => Elementwise.Map(default(ReluOperator), x, y, count);

    /// <summary>dx = dy where the activation y is above zero or NaN, else +0.</summary>
    public static void ReluGradient(float* y, float* dy, float* dx, long count) => Elementwise.Map(default(ReluGradientOperator), y, dy, dx, count);

    /// <summary>y = x where x is above zero, else slope·x.</summary>
    public static void LeakyRelu(float* x, float* y, long count, float slope) => Elementwise.Map(new LeakyReluOperator(slope), x, y, count);

    /// <summary>dx = dy where the activation y is above zero, else slope·dy.</summary>
    public static void LeakyReluGradient(float* y, float* dy, float* dx, long count, float slope) =>
        Elementwise.Map(new LeakyReluGradientOperator(slope), y, dy, dx, count);

    /// <summary>result = x + y.</summary>
    public static void Add(float* x, float* y, float* result, long count) => Elementwise.Map(default(AddOperator), x, y, result, count);

    /// <summary>a += b.</summary>
    public static void Add(float* a, float* b, long count) => Elementwise.Map(default(AddOperator), a, b, a, count);

    /// <summary>result = x − y.</summary>
    public static void Subtract(float* x, float* y, float* result, long count) => Elementwise.Map(default(SubtractOperator), x, y, result, count);

    /// <summary>result = x·y, element by element.</summary>
    public static void Multiply(float* x, float* y, float* result, long count) => Elementwise.Map(default(MultiplyOperator), x, y, result, count);

    /// <summary>x *= factor.</summary>
    public static void Scale(float* x, long count, float factor) => Elementwise.Map(new ScaleOperator(factor), x, x, count);

    /// <summary>
    /// x /= divisor, by division: multiplying by a reciprocal rounds twice. Only where the reciprocal is exact, as of a batch of 128, is it the same, and a
    /// multiplication takes a fraction of the time.
    /// </summary>
    public static void Divide(float* x, long count, float divisor) => Divide(x, x, count, divisor);

    /// <summary>result = x / divisor, as <see cref="Divide(float*, long, float)"/>.</summary>
    public static void Divide(float* x, float* result, long count, float divisor)
    {
        if (HasExactReciprocal(divisor))
            Elementwise.Map(new ScaleOperator(1 / divisor), x, result, count);
        else
            Elementwise.Map(new DivideOperator(divisor), x, result, count);
    }

    /// <summary>Whether multiplying by the reciprocal gives the bits of dividing: a power of two whose reciprocal is no denormal.</summary>
    public static bool HasExactReciprocal(float divisor) =>
        float.IsPow2(divisor) && float.IsNormal(divisor) && float.IsNormal(1 / divisor);

    /// <summary>result = factor·x + y, rounded once.</summary>
    public static void MultiplyAdd(float factor, float* x, float* y, float* result, long count) =>
        Elementwise.Map(new MultiplyAddOperator(factor), x, y, result, count);
}
