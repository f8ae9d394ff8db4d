using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>A function of one number, for all lanes at once. An operator is a small struct; <see cref="Elementwise"/> drives it at every width.</summary>
internal interface IUnaryOperator
{
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
