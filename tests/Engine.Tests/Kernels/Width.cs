using System.Runtime.Intrinsics;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Kernels.LocalConnections;
using Lockstep.Engine.Layers.Recurrent;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Kernels;

/// <summary>The kernels at one vector width each; vectors that this processor lacks are done by the runtime in software.</summary>
internal abstract unsafe class Width
{
    public static readonly Width[] All =
    [
        new Width<Isa512, Vector512<float>>(),
        new Width<Isa256, Vector256<float>>(),
        new Width<Isa128, Vector128<float>>(),
        new Width<IsaScalar, float>(),
    ];

    public abstract int Lanes { get; }

    public abstract void Multiply(ComputeCrew crew, int m, int n, int k, MatrixOperand a, MatrixOperand b, bool prepacked, float* c, int ldc, float* bias);

    public abstract void MultiplyLeaves(ComputeCrew crew, int m, int n, MatrixOperand a, MatrixOperand b, int[] bounds, float* c, int ldc);

    public abstract void Gather(ComputeCrew crew, GatherSet set, int samples, float* weights, float* bias, float* input, float* output);

    public abstract void SumFilters(ComputeCrew crew, GatherSet set, int[] bounds, float* images, float* gradients, float* result);

    public abstract void GatherLocal(ComputeCrew crew, ConvolutionShape shape, int samples, bool isBackward, float* weights, float* source, float* result);

    public abstract void SumLocal(ComputeCrew crew, ConvolutionShape shape, int[] bounds, float* images, float* gradients, float* result);

    public abstract void SumLeaves(ComputeCrew crew, float* y, int ldy, int n, int[] bounds, float* result);

    public abstract void SumOneHot(ComputeCrew crew, float* y, int ldy, int n, int* hot, int columns, int[] bounds, float* result);

    public abstract void Map<TOperator>(TOperator function, float* x, float* y, long count)
        where TOperator : struct, IUnaryOperator;

    public abstract void Map<TOperator>(TOperator function, float* x, float* y, float* result, long count)
        where TOperator : struct, IBinaryOperator;

    public abstract float Fold<TOperator>(TOperator function, float* x, long count, float identity)
        where TOperator : struct, IBinaryOperator;

    public abstract void Compute<TKernel>(in TKernel kernel, int samples, int units)
        where TKernel : struct, ICellKernel;

    public override string ToString() => $"{Lanes} lanes";
}

internal sealed unsafe class Width<TIsa, TVector> : Width
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    public override int Lanes => TIsa.Width;

    public override void Multiply(ComputeCrew crew, int m, int n, int k, MatrixOperand a, MatrixOperand b, bool prepacked, float* c, int ldc, float* bias)
    {
        if (!prepacked)
        {
            BlockedProduct<TIsa, TVector>.Multiply(crew, m, n, k, a, b, null, c, ldc, bias);
            return;
        }
        using var packed = new FloatBuffer(BlockedProduct<TIsa, TVector>.PackedLength(k, n));
        BlockedProduct<TIsa, TVector>.PackRight(crew, n, k, b, packed.Pointer);
        BlockedProduct<TIsa, TVector>.Multiply(crew, m, n, k, a, default, packed.Pointer, c, ldc, bias);
    }

    public override void MultiplyLeaves(ComputeCrew crew, int m, int n, MatrixOperand a, MatrixOperand b, int[] bounds, float* c, int ldc) =>
        BlockedProduct<TIsa, TVector>.MultiplyLeaves(crew, m, n, a, b, bounds, c, ldc);

    public override void Gather(ComputeCrew crew, GatherSet set, int samples, float* weights, float* bias, float* input, float* output)
    {
        using var packed = new FloatBuffer(GatherProduct<TIsa, TVector>.PackedLength(set));
        GatherProduct<TIsa, TVector>.Pack(crew, set, weights, packed.Pointer);
        GatherProduct<TIsa, TVector>.Multiply(crew, set, samples, packed.Pointer, bias, input, output);
    }

    public override void SumFilters(ComputeCrew crew, GatherSet set, int[] bounds, float* images, float* gradients, float* result) =>
        FilterGradient<TIsa, TVector>.SumLeaves(crew, set, bounds, images, gradients, result);

    public override void GatherLocal(ComputeCrew crew, ConvolutionShape shape, int samples, bool isBackward, float* weights, float* source, float* result) =>
        LocalProduct<TIsa, TVector>.Gather(crew, shape, samples, isBackward, weights, source, result);

    public override void SumLocal(ComputeCrew crew, ConvolutionShape shape, int[] bounds, float* images, float* gradients, float* result) =>
        LocalProduct<TIsa, TVector>.SumLeaves(crew, shape, bounds, images, gradients, result);

    public override void SumLeaves(ComputeCrew crew, float* y, int ldy, int n, int[] bounds, float* result) =>
        ColumnSums<TIsa, TVector>.SumLeaves(crew, y, ldy, n, bounds, result);

    public override void SumOneHot(ComputeCrew crew, float* y, int ldy, int n, int* hot, int columns, int[] bounds, float* result) =>
        OneHotRows<TIsa, TVector>.SumLeaves(crew, y, ldy, n, hot, columns, bounds, result);

    public override void Map<TOperator>(TOperator function, float* x, float* y, long count) =>
        Elementwise.MapAtWidth<TIsa, TVector, TOperator>(function, x, y, count);

    public override void Map<TOperator>(TOperator function, float* x, float* y, float* result, long count) =>
        Elementwise.Map<TIsa, TVector, TOperator>(function, x, y, result, count);

    public override float Fold<TOperator>(TOperator function, float* x, long count, float identity) =>
        Reduction.Fold<TIsa, TVector, TOperator>(function, x, count, identity);

    public override void Compute<TKernel>(in TKernel kernel, int samples, int units) =>
        CellJob<TKernel>.Compute<TIsa, TVector>(kernel, new WorkRange(0, samples), new WorkRange(0, units));
}
