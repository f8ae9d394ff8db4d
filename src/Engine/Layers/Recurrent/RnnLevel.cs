using Lockstep.Engine.Kernels;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>The arithmetic of <see cref="RnnLayer"/>: products; the rest is <see cref="RnnForward"/> and <see cref="RnnBackward"/>.</summary>
internal sealed unsafe class RnnLevel : RecurrentLevel
{
    private readonly bool _relu;
    private readonly PackedWeight _hiddenWeight;

    public RnnLevel(RecurrentLayer layer, int level, IReadOnlyList<ParameterView> parameters, int maximumSamples, bool relu)
        : base(layer, level, parameters, maximumSamples)
    {
        _relu = relu;
        _hiddenWeight = Own(new PackedWeight(HiddenWeight, 0, Units, Units));
    }

    protected override void Advance(Pass pass, float* output, int step)
    {
        MatrixProduct.Multiply(pass.Crew, pass.Samples, Units, Units, new MatrixOperand(Hidden, Units), _hiddenWeight.Forward(pass), Product, Units);
        var forward = new RnnForward
        {
            Gates = Gates,
            GateStride = GateStride,
            Product = Product,
            Hidden = Hidden,
            Previous = pass.Phase == Phase.Training ? Previous : null,
            Output = output,
            Mask = Mask,
            Steps = Steps,
            Step = step,
            Units = Units,
            Relu = _relu,
        };
        CellJob<RnnForward>.Run(pass.Crew, forward, pass.Samples, Units);
    }

    protected override void Retreat(Pass pass, float* output, in StepGradient gradient, int step)
    {
        var backward = new RnnBackward { Gates = Gates, GateStride = GateStride, Gradient = gradient, Output = output, Compact = Product, Direct = Direct, Relu = _relu };
        CellJob<RnnBackward>.Run(pass.Crew, backward, pass.Samples, Units);
        MatrixProduct.Multiply(pass.Crew, pass.Samples, Units, Units, new MatrixOperand(Product, Units), _hiddenWeight.Backward(pass), BackProduct, Units);
    }

    protected override void SumHiddenGradients(Pass pass, long row, ReadOnlySpan<int> bounds, float* gradient) =>
        MatrixProduct.MultiplyLeaves(
            pass.Crew, Units, Units, new MatrixOperand(Gates + (row * GateStride), GateStride, transposed: true), new MatrixOperand(Previous + (row * Units), Units),
            bounds, gradient + HiddenWeight.Offset, Units);
}
