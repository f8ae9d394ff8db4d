using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>Packs the panels of one or both operands, shared out panel by panel.</summary>
internal unsafe struct PackingJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Where the left operand's panels go, or null.</summary>
    public float* PackedLeft;

    public OperandBlock<TIsa, TVector> Left;

    /// <summary>Where the right operand's panels go, or null.</summary>
    public float* PackedRight;

    public OperandBlock<TIsa, TVector> Right;

    public readonly void Execute(int member, int members)
    {
        if (PackedLeft is not null)
            Pack(Left, PackedLeft, member, members);
        if (PackedRight is not null)
            Pack(Right, PackedRight, member, members);
    }

    private static void Pack(in OperandBlock<TIsa, TVector> block, float* packed, int member, int members)
    {
        WorkRange panels = WorkRange.Of(block.Panels, member, members);
        block.PackPanels((int)panels.Start, (int)panels.End, packed);
    }
}
