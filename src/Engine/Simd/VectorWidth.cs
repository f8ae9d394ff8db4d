using System.Runtime.Intrinsics;

namespace Lockstep.Engine.Simd;

/// <summary>
/// The width that this process computes with: the widest that the hardware is fast at and the runtime was not told to leave
/// alone. It is chosen once, and changes no bit of any result.
/// </summary>
public static class VectorWidth
{
    /// <summary>Lanes: 16, 8, 4, or 1 without vector instructions. The compiler takes it for a constant.</summary>
    public static readonly int Lanes =
        Vector512.IsHardwareAccelerated ? Isa512.Width
        : Vector256.IsHardwareAccelerated ? Isa256.Width
        : Vector128.IsHardwareAccelerated ? Isa128.Width
        : IsaScalar.Width;
}
