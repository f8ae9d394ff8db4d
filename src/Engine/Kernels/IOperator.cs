using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>A function of one number, for all lanes at once. An operator is a small struct; <see cref="Elementwise"/> drives it at every width.</summary>
internal interface IUnaryOperator
{
    /// <summary>Whether it is one long chain, each operation waiting for the one before: two vectors at a time then take hardly longer than one.</summary>
    static virtual bool IsChain => false;

    TVector Apply<TIsa, TVector>(TVector x)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct;
}

/// <summary>A function of two numbers.</summary>
internal interface IBinaryOperator
{
    TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct;
}
