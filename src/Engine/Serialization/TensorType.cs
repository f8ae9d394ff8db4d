namespace Lockstep.Engine.Serialization;

/// <summary>The element types that tensor files carry here, little-endian.</summary>
public enum TensorType
{
    F32 = 0,
    F64 = 1,
    I64 = 2,
    I32 = 3,
    U8 = 4,
}

internal static class TensorTypes
{
    public static int Size(this TensorType type) => type switch
    {
        TensorType.F64 or TensorType.I64 => 8,
        TensorType.F32 or TensorType.I32 => 4,
        TensorType.U8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>The name that the header carries; null for a name that is none of ours.</summary>
    public static TensorType? Parse(string name) => name switch
    {
        "F32" => TensorType.F32,
        "F64" => TensorType.F64,
        "I64" => TensorType.I64,
        "I32" => TensorType.I32,
        "U8" => TensorType.U8,
        _ => null,
    };
}
