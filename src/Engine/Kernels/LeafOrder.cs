namespace Lockstep.Engine.Kernels;

/// <summary>How a tile goes through the leaves of a product. Every order makes the same sums, so none changes a bit.</summary>
internal enum LeafOrder
{
    /// <summary>Leaf by leaf: <see cref="LeafKernel{TIsa, TVector, TRow, TRows}"/>.</summary>
    OneByOne,

    /// <summary>Two after one another to a round, in tiles that are whole, where 16 registers hold one: <see cref="PairedLeafKernel{TIsa, TVector}"/>.</summary>
    TwoToARound,

    /// <summary>Two at a time, a vector's columns of each, where 32 registers hold them: <see cref="PairKernel{TIsa, TVector, TRows}"/>.</summary>
    SideBySide,
}
