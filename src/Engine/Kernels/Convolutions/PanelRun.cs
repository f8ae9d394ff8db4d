namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>Neighbouring lanes of a panel whose places lie in one row of the grid of one sample.</summary>
internal struct PanelRun
{
    /// <summary>The first lane.</summary>
    public int Lane;

    /// <summary>How many.</summary>
    public int Length;

    /// <summary>The same with those lanes after them that belong to no place.</summary>
    public int Span;

    /// <summary>Where the first lane's place lies in the sources.</summary>
    public nint Source;

    /// <summary>Where its number goes in the results.</summary>
    public nint Result;
}
