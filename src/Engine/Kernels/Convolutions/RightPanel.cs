namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>A panel of places, and a block of k to sum over.</summary>
internal unsafe struct RightPanel
{
    public PanelRun* Runs;
    public int RunCount;

    /// <summary>Places that exist.</summary>
    public int Lanes;

    /// <summary>The same in whole vectors.</summary>
    public int Width;

    /// <summary>What the runs' sources count from.</summary>
    public float* Source;

    /// <summary>The block's offsets.</summary>
    public int* Offsets;

    /// <summary>How many k.</summary>
    public int Depth;

    /// <summary>Whether the kernel reads the source itself.</summary>
    public bool IsDirect;

    /// <summary>Else the panel laid out, [Depth, Width].</summary>
    public float* Packed;
}
