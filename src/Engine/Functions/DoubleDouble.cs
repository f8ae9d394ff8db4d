namespace Lockstep.Engine.Functions;

/// <summary>A number as the unevaluated sum of two float64: about 106 bits. (Dekker, Numerische Mathematik 18, 1971.)</summary>
internal readonly record struct DoubleDouble(double High, double Low)
{
    /// <summary>a + b exactly, where |a| ≥ |b| or a = 0.</summary>
    public static DoubleDouble FastSum(double a, double b)
    {
        double sum = a + b;
        return new DoubleDouble(sum, b - (sum - a));
    }

    /// <summary>a + b exactly, whatever their sizes (Knuth).</summary>
    public static DoubleDouble Sum(double a, double b)
    {
        double sum = a + b;
        double bPart = sum - a;
        return new DoubleDouble(sum, (a - (sum - bPart)) + (b - bPart));
    }

    /// <summary>a·b exactly.</summary>
    public static DoubleDouble Product(double a, double b)
    {
        double product = a * b;
        return new DoubleDouble(product, double.FusedMultiplyAdd(a, b, -product));
    }

    public static DoubleDouble operator +(DoubleDouble a, DoubleDouble b)
    {
        DoubleDouble sum = Sum(a.High, b.High);
        return FastSum(sum.High, sum.Low + (a.Low + b.Low));
    }

    public static DoubleDouble operator *(DoubleDouble a, DoubleDouble b)
    {
        DoubleDouble product = Product(a.High, b.High);
        double cross = double.FusedMultiplyAdd(a.High, b.Low, a.Low * b.High);
        return FastSum(product.High, product.Low + cross);
    }

    public static DoubleDouble operator /(DoubleDouble a, DoubleDouble b)
    {
        double quotient = a.High / b.High;
        double rest = double.FusedMultiplyAdd(-quotient, b.High, a.High);
        rest += double.FusedMultiplyAdd(-quotient, b.Low, a.Low);
        return FastSum(quotient, rest / b.High);
    }
}
