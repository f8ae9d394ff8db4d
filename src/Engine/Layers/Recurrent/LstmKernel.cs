namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>Which half of an LSTM's step: with full peepholes a product stands between the two.</summary>
internal enum LstmPart
{
    /// <summary>i, f, g and the new cell.</summary>
    Cell,

    /// <summary>o and h.</summary>
    Output,

    Both,
}

/// <summary>What both directions of an LSTM's step must know.</summary>
internal unsafe struct LstmKernel
{
    /// <summary>Gates that may have a peephole: i, f, o.</summary>
    public const int PeepholeGates = 3;

    /// <summary>[N, T, G·H].</summary>
    public float* Gates;

    /// <summary>Numbers from one row of them to the next.</summary>
    public nint GateStride;

    /// <summary>c(t) [N, T, H].</summary>
    public float* Cells;

    /// <summary>[N, T], or null.</summary>
    public float* Mask;

    public nint Steps;
    public nint Step;

    /// <summary>H.</summary>
    public nint Units;

    public bool Coupled;

    /// <summary>Diagonal peepholes [H], or null.</summary>
    public float* DiagonalI;
    public float* DiagonalF;
    public float* DiagonalO;

    /// <summary>Full peepholes: forward P·c [N, H], backward what comes back through them; or null.</summary>
    public float* SeenByI;
    public float* SeenByF;
    public float* SeenByO;

    /// <summary>Place of the gates among the blocks.</summary>
    public readonly nint I => 0;

    public readonly nint F => Coupled ? 0 : 1;

    public readonly nint G => Coupled ? 1 : 2;

    public readonly nint O => Coupled ? 2 : 3;

    /// <summary>How many blocks.</summary>
    public readonly nint Blocks => Coupled ? 3 : 4;

    public readonly nint RowOf(int sample) => (sample * Steps) + Step;

    public readonly bool IsMasked(nint row) => Mask is not null && Mask[row] == 0;
}
