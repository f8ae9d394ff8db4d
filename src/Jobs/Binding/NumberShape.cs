using System.Globalization;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Binding;

/// <summary>int, long, ulong, or double.</summary>
internal sealed class NumberShape(Type type, LimitsAttribute limits) : Shape
{
    private static readonly LimitsAttribute Unlimited = new();

    public NumberShape(Type type) : this(type, Unlimited)
    {
    }

    public bool IsWhole => type != typeof(double);

    public LimitsAttribute Limits => limits;

    public override string Expected
    {
        get
        {
            string kind = limits.PowerOfTwo ? "a power of two" : IsWhole ? "a whole number" : "a number";
            string low = limits.Above > double.NegativeInfinity ? $" above {Show(limits.Above)}"
                : limits.AtLeast > double.NegativeInfinity ? $" from {Show(limits.AtLeast)}" : "";
            string high = limits.Below < double.PositiveInfinity ? $" below {Show(limits.Below)}"
                : limits.AtMost < double.PositiveInfinity ? $" {(limits.AtLeast > double.NegativeInfinity ? "to" : "up to")} {Show(limits.AtMost)}"
                : limits.AtLeast > double.NegativeInfinity ? " up" : "";
            return kind + low + (low.Length > 0 && limits.Below < double.PositiveInfinity ? " and" : "") + high + (limits.NotZero ? ", not 0" : "");
        }
    }

    public override object? Bind(YamlNode node, string path, BindingContext context) => Read(node) ?? Mismatch(node, path, context);

    /// <summary>The number; null where the node is none that is allowed.</summary>
    public object? Read(YamlNode node) => node is not YamlScalar { Plain: true } scalar ? null : IsWhole ? Whole(scalar) : Real(scalar);

    public override YamlNode Write(object value) => Plain(value is double real
        ? CanonicalYaml.Number(real)
        : ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));

    private object? Whole(YamlScalar scalar)
    {
        if (CoreScalars.Integer(scalar.Text) is not Int128 value)
            return null;
        (Int128 least, Int128 most) = type == typeof(int) ? ((Int128)int.MinValue, (Int128)int.MaxValue)
            : type == typeof(long) ? (long.MinValue, long.MaxValue)
            : (ulong.MinValue, (Int128)ulong.MaxValue);
        if (value < least || value > most || !Allows((double)value) || (limits.PowerOfTwo && !Int128.IsPow2(value)))
            return null;
        return type == typeof(int) ? (int)value : type == typeof(long) ? (long)value : (ulong)value;
    }

    private object? Real(YamlScalar scalar)
    {
        if (CoreScalars.Number(scalar.Text) is not double value)
            return null;
        // The engine computes in float32: a number that is no float32 number would become infinite, or 0, unseen.
        return float.IsFinite((float)value) && Allows(value) && Allows((float)value) ? value : null;
    }

    private bool Allows(double value) =>
        value >= limits.AtLeast && value <= limits.AtMost && (value > limits.Above || double.IsNegativeInfinity(limits.Above))
        && (value < limits.Below || double.IsPositiveInfinity(limits.Below)) && !(limits.NotZero && value == 0);

    private static string Show(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
