using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>The arithmetic of <see cref="GruLayer"/>: products and memory; the gates are <see cref="GruForward"/> and <see cref="GruBackward"/>.</summary>
internal sealed unsafe class GruLevel : RecurrentLevel
{
    private readonly bool _resetAfter;
    private readonly ParameterView? _hiddenBias;

    // U as a whole where the reset is after the product; else the rows of r and z, and those of n, since two products follow each other.
    private readonly PackedWeight _firstWeight;
    private readonly PackedWeight? _candidateWeight;

    // [N, H]: r·h(t−1), then its gradient; of a reset before the product alone.
    private readonly FloatBuffer? _reset;

    // [N, T, H]: r·h(t−1), the input of the candidate's rows of U; or U·h + bias_hn, then its gradient.
    private readonly FloatBuffer _candidateParts;

    public GruLevel(RecurrentLayer layer, int level, IReadOnlyList<ParameterView> parameters, int maximumSamples, bool resetAfter)
        : base(layer, level, parameters, maximumSamples)
    {
        _resetAfter = resetAfter;
        _hiddenBias = resetAfter ? View("bias_hn") : null;
        _firstWeight = Own(new PackedWeight(HiddenWeight, 0, FirstRows, Units));
        _candidateWeight = resetAfter ? null : Own(new PackedWeight(HiddenWeight, FirstRows, Units, Units));
        _reset = resetAfter ? null : SampleBuffer(Units);
        _candidateParts = StepBuffer(Units);
    }

    protected override bool AlwaysDirect => true;

    private int FirstRows => _resetAfter ? Width : 2 * Units;

    protected override void Advance(Pass pass, float* output, int step)
    {
        MatrixProduct.Multiply(pass.Crew, pass.Samples, FirstRows, Units, new MatrixOperand(Hidden, Units), _firstWeight.Forward(pass), Product, Width);
        var forward = new GruForward
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
            HiddenBias = _hiddenBias is null ? null : pass.Parameters + _hiddenBias.Offset,
            Reset = _reset is null ? null : _reset.Pointer,
            CandidateParts = pass.Phase == Phase.Training ? _candidateParts.Pointer : null,
            Part = GruPart.Both,
        };
        if (_resetAfter)
        {
            CellJob<GruForward>.Run(pass.Crew, forward, pass.Samples, Units);
            return;
        }
        CellJob<GruForward>.Run(pass.Crew, forward with { Part = GruPart.Reset }, pass.Samples, Units);
        MatrixProduct.Multiply(
            pass.Crew, pass.Samples, Units, Units, new MatrixOperand(_reset!.Pointer, Units), _candidateWeight!.Forward(pass), Product + FirstRows, Width);
        CellJob<GruForward>.Run(pass.Crew, forward with { Part = GruPart.Candidate }, pass.Samples, Units);
    }

    protected override void Retreat(Pass pass, float* output, in StepGradient gradient, int step)
    {
        var backward = new GruBackward
        {
            Gates = Gates,
            GateStride = GateStride,
            Gradient = gradient,
            Previous = Previous,
            Compact = Product,
            Direct = Direct,
            Reset = _reset is null ? null : _reset.Pointer,
            CandidateParts = _candidateParts.Pointer,
            Part = GruPart.Both,
        };
        if (_resetAfter)
        {
            CellJob<GruBackward>.Run(pass.Crew, backward, pass.Samples, Units);
        }
        else
        {
            CellJob<GruBackward>.Run(pass.Crew, backward with { Part = GruPart.Candidate }, pass.Samples, Units);
            MatrixProduct.Multiply(
                pass.Crew, pass.Samples, Units, Units, new MatrixOperand(Product + FirstRows, Width), _candidateWeight!.Backward(pass), _reset!.Pointer, Units);
            CellJob<GruBackward>.Run(pass.Crew, backward with { Part = GruPart.Reset }, pass.Samples, Units);
        }
        MatrixProduct.Multiply(pass.Crew, pass.Samples, Units, FirstRows, new MatrixOperand(Product, Width), _firstWeight.Backward(pass), BackProduct, Units);
    }

    protected override void SumHiddenGradients(Pass pass, long row, ReadOnlySpan<int> bounds, float* gradient)
    {
        float* gates = Gates + (row * GateStride);
        float* parts = _candidateParts.Pointer + (row * Units);
        float* candidateRows = gradient + HiddenWeight.Offset + (2L * Units * Units);
        var previous = new MatrixOperand(Previous + (row * Units), Units);
        MatrixProduct.MultiplyLeaves(
            pass.Crew, 2 * Units, Units, new MatrixOperand(gates, GateStride, transposed: true), previous, bounds, gradient + HiddenWeight.Offset, Units);
        if (_hiddenBias is null)
        {
            MatrixProduct.MultiplyLeaves(
                pass.Crew, Units, Units, new MatrixOperand(gates + (2 * Units), GateStride, transposed: true), new MatrixOperand(parts, Units), bounds, candidateRows, Units);
            return;
        }
        MatrixProduct.MultiplyLeaves(pass.Crew, Units, Units, new MatrixOperand(parts, Units, transposed: true), previous, bounds, candidateRows, Units);
        ColumnSums.SumLeaves(pass.Crew, parts, Units, Units, bounds, gradient + _hiddenBias.Offset);
    }
}
