using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>The arithmetic of <see cref="LstmLayer"/>: products and memory; the gates are <see cref="LstmForward"/> and <see cref="LstmBackward"/>.</summary>
internal sealed unsafe class LstmLevel : RecurrentLevel
{
    private readonly LstmSpec _spec;
    private readonly PackedWeight _hiddenWeight;
    private readonly FloatBuffer _cell;
    private readonly FloatBuffer _cells;
    private readonly FloatBuffer _cellGradient;
    private readonly ParameterView? _peepholeI;
    private readonly ParameterView? _peepholeF;
    private readonly ParameterView? _peepholeO;

    // Of full peepholes alone: [N, H] each, but for c(t−1) in the row of step t, [N, T, H].
    private readonly PackedWeight? _fullI;
    private readonly PackedWeight? _fullF;
    private readonly PackedWeight? _fullO;
    private readonly FloatBuffer? _seenByI;
    private readonly FloatBuffer? _seenByF;
    private readonly FloatBuffer? _seenByO;
    private readonly FloatBuffer? _previousCells;

    // Of diagonal peepholes alone: ∂L/∂p of each step, [N, T, gates that have them, H].
    private readonly FloatBuffer? _peepholeTerms;

    public LstmLevel(RecurrentLayer layer, int level, IReadOnlyList<ParameterView> parameters, int maximumSamples, LstmSpec spec)
        : base(layer, level, parameters, maximumSamples)
    {
        _spec = spec;
        _hiddenWeight = Own(new PackedWeight(HiddenWeight, 0, Width, Units));
        _cell = SampleBuffer(Units);
        _cells = StepBuffer(Units);
        _cellGradient = SampleBuffer(Units);
        if (spec.Peephole == PeepholeKind.None)
            return;
        _peepholeI = spec.Coupled ? null : View("peephole_i");
        _peepholeF = View("peephole_f");
        _peepholeO = View("peephole_o");
        if (spec.Peephole == PeepholeKind.Diagonal)
        {
            _peepholeTerms = StepBuffer(LstmKernel.PeepholeGates * Units);
            return;
        }
        _fullI = _peepholeI is null ? null : Own(new PackedWeight(_peepholeI, 0, Units, Units));
        _fullF = Own(new PackedWeight(_peepholeF, 0, Units, Units));
        _fullO = Own(new PackedWeight(_peepholeO, 0, Units, Units));
        _seenByI = _peepholeI is null ? null : SampleBuffer(Units);
        _seenByF = SampleBuffer(Units);
        _seenByO = SampleBuffer(Units);
        _previousCells = StepBuffer(Units);
    }

    private bool HasFullPeepholes => _spec.Peephole == PeepholeKind.Full;

    protected override void Begin(Pass pass)
    {
        base.Begin(pass);
        Copy(pass, Slot(pass, 1).Initial, _cell.Pointer);
    }

    protected override void Carry(Pass pass)
    {
        base.Carry(pass);
        Copy(pass, _cell.Pointer, Slot(pass, 1).Carried);
    }

    protected override void Advance(Pass pass, float* output, int step)
    {
        MatrixProduct.Multiply(pass.Crew, pass.Samples, Width, Units, new MatrixOperand(Hidden, Units), _hiddenWeight.Forward(pass), Product, Width);
        LstmForward forward = new()
        {
            Kernel = KernelOf(pass, step),
            Product = Product,
            Hidden = Hidden,
            Cell = _cell.Pointer,
            Previous = pass.Phase == Phase.Training ? Previous : null,
            PreviousCells = pass.Phase == Phase.Training && _previousCells is not null ? _previousCells.Pointer : null,
            Output = output,
            Part = LstmPart.Both,
        };
        if (!HasFullPeepholes)
        {
            CellJob<LstmForward>.Run(pass.Crew, forward, pass.Samples, Units);
            return;
        }
        See(pass, _fullI, _seenByI);
        See(pass, _fullF, _seenByF);
        CellJob<LstmForward>.Run(pass.Crew, forward with { Part = LstmPart.Cell }, pass.Samples, Units);
        See(pass, _fullO, _seenByO);
        CellJob<LstmForward>.Run(pass.Crew, forward with { Part = LstmPart.Output }, pass.Samples, Units);
    }

    protected override void BeginBackward(Pass pass)
    {
        float* carried = Slot(pass, 1).CarriedGradient;
        if (carried is null)
            new Span<float>(_cellGradient.Pointer, checked(pass.Samples * Units)).Clear();
        else
            Copy(pass, carried, _cellGradient.Pointer);
    }

    protected override void EndBackward(Pass pass)
    {
        base.EndBackward(pass);
        Copy(pass, _cellGradient.Pointer, Slot(pass, 1).InitialGradient);
    }

    protected override void Retreat(Pass pass, float* output, in StepGradient gradient, int step)
    {
        LstmBackward backward = new()
        {
            Kernel = KernelOf(pass, step),
            Gradient = gradient,
            Compact = Product,
            Direct = Direct,
            CellGradient = _cellGradient.Pointer,
            InitialCell = Slot(pass, 1).Initial,
            PeepholeTerms = _peepholeTerms is null ? null : _peepholeTerms.Pointer,
            Part = LstmPart.Both,
        };
        if (!HasFullPeepholes)
        {
            CellJob<LstmBackward>.Run(pass.Crew, backward, pass.Samples, Units);
        }
        else
        {
            LstmKernel kernel = backward.Kernel;
            CellJob<LstmBackward>.Run(pass.Crew, backward with { Part = LstmPart.Output }, pass.Samples, Units);
            Unsee(pass, _fullO, kernel.O, _seenByO);
            CellJob<LstmBackward>.Run(pass.Crew, backward with { Part = LstmPart.Cell }, pass.Samples, Units);
            AddUnseen(pass, _fullI, kernel.I, _seenByI);
            AddUnseen(pass, _fullF, kernel.F, _seenByF);
        }
        MatrixProduct.Multiply(pass.Crew, pass.Samples, Units, Width, new MatrixOperand(Product, Width), _hiddenWeight.Backward(pass), BackProduct, Units);
    }

    protected override void SumHiddenGradients(Pass pass, long row, ReadOnlySpan<int> bounds, float* gradient)
    {
        MatrixProduct.MultiplyLeaves(
            pass.Crew, Width, Units, new MatrixOperand(Gates + (row * GateStride), GateStride, transposed: true), new MatrixOperand(Previous + (row * Units), Units),
            bounds, gradient + HiddenWeight.Offset, Units);
        LstmKernel kernel = KernelOf(pass, 0);
        SumPeephole(pass, _peepholeI, kernel.I, 0, row, bounds, gradient);
        SumPeephole(pass, _peepholeF, kernel.F, 1, row, bounds, gradient);
        SumPeephole(pass, _peepholeO, kernel.O, 2, row, bounds, gradient);
    }

    private LstmKernel KernelOf(Pass pass, int step) => new()
    {
        Gates = Gates,
        GateStride = GateStride,
        Cells = _cells.Pointer,
        Mask = Mask,
        Steps = Steps,
        Step = step,
        Units = Units,
        Coupled = _spec.Coupled,
        DiagonalI = Diagonal(pass, _peepholeI),
        DiagonalF = Diagonal(pass, _peepholeF),
        DiagonalO = Diagonal(pass, _peepholeO),
        SeenByI = _seenByI is null ? null : _seenByI.Pointer,
        SeenByF = _seenByF is null ? null : _seenByF.Pointer,
        SeenByO = _seenByO is null ? null : _seenByO.Pointer,
    };

    private float* Diagonal(Pass pass, ParameterView? peephole) => peephole is null || HasFullPeepholes ? null : pass.Parameters + peephole.Offset;

    // P·c of the present cells.
    private void See(Pass pass, PackedWeight? weight, FloatBuffer? seen)
    {
        if (weight is not null)
            MatrixProduct.Multiply(pass.Crew, pass.Samples, Units, Units, new MatrixOperand(_cell.Pointer, Units), weight.Forward(pass), seen!.Pointer, Units);
    }

    // da·P of one gate.
    private void Unsee(Pass pass, PackedWeight? weight, nint gate, FloatBuffer? seen)
    {
        if (weight is not null)
            MatrixProduct.Multiply(pass.Crew, pass.Samples, Units, Units, new MatrixOperand(Product + (gate * Units), Width), weight.Backward(pass), seen!.Pointer, Units);
    }

    private void AddUnseen(Pass pass, PackedWeight? weight, nint gate, FloatBuffer? seen)
    {
        Unsee(pass, weight, gate, seen);
        if (weight is not null)
            VectorMath.Add(_cellGradient.Pointer, seen!.Pointer, (long)pass.Samples * Units);
    }

    private void SumPeephole(Pass pass, ParameterView? peephole, nint gate, int term, long row, ReadOnlySpan<int> bounds, float* gradient)
    {
        if (peephole is null)
            return;
        if (_peepholeTerms is { } terms)
        {
            int stride = LstmKernel.PeepholeGates * Units;
            ColumnSums.SumLeaves(pass.Crew, terms.Pointer + (row * stride) + (term * Units), stride, Units, bounds, gradient + peephole.Offset);
            return;
        }
        float* cells = (term == 2 ? _cells : _previousCells!).Pointer;
        MatrixProduct.MultiplyLeaves(
            pass.Crew, Units, Units, new MatrixOperand(Gates + (row * GateStride) + (gate * Units), GateStride, transposed: true), new MatrixOperand(cells + (row * Units), Units),
            bounds, gradient + peephole.Offset, Units);
    }
}
