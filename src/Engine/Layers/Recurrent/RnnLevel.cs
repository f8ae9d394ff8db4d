using System.Runtime.CompilerServices;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>The arithmetic of <see cref="RnnLayer"/>.</summary>
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
        CellJob<Forward>.Run(pass.Crew, new Forward(this, pass, output, step), pass.Samples, Units);
    }

    protected override void Retreat(Pass pass, float* output, in StepGradient gradient, int step)
    {
        CellJob<Backward>.Run(pass.Crew, new Backward(this, output, gradient), pass.Samples, Units);
        MatrixProduct.Multiply(pass.Crew, pass.Samples, Units, Units, new MatrixOperand(Product, Units), _hiddenWeight.Backward(pass), BackProduct, Units);
    }

    protected override void SumHiddenGradients(Pass pass, long row, ReadOnlySpan<int> bounds, float* gradient) =>
        MatrixProduct.MultiplyLeaves(
            pass.Crew, Units, Units, new MatrixOperand(Gates + (row * Units), Units, transposed: true), new MatrixOperand(Previous + (row * Units), Units),
            bounds, gradient + HiddenWeight.Offset, Units);

    private readonly struct Forward(RnnLevel level, Pass pass, float* output, int step) : ICellKernel
    {
        private readonly float* _input = level.Gates;
        private readonly float* _product = level.Product;
        private readonly float* _hidden = level.Hidden;
        private readonly float* _previous = pass.Phase == Phase.Training ? level.Previous : null;
        private readonly float* _output = output;
        private readonly float* _mask = level.Mask;
        private readonly nint _steps = level.Steps;
        private readonly nint _step = step;
        private readonly nint _units = level.Units;
        private readonly bool _relu = level._relu;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Compute<TIsa, TVector>(int sample, nint first, nint last)
            where TIsa : struct, ISimd<TVector>
            where TVector : struct
        {
            nint row = (sample * _steps) + _step;
            float* a = _input + (row * _units);
            float* product = _product + (sample * _units);
            float* hidden = _hidden + (sample * _units);
            float* previous = _previous is null ? null : _previous + (row * _units);
            float* y = _output + (row * _units);
            bool isMasked = _mask is not null && _mask[row] == 0;
            bool relu = _relu;
            for (nint u = first; u < last; u += TIsa.Width)
            {
                TVector h = TIsa.Load(hidden + u);
                if (previous is not null)
                    TIsa.Store(previous + u, h);
                if (!isMasked)
                {
                    TVector sum = TIsa.Add(TIsa.Load(a + u), TIsa.Load(product + u));
                    h = relu ? default(ReluOperator).Apply<TIsa, TVector>(sum) : default(TanhOperator).Apply<TIsa, TVector>(sum);
                    TIsa.Store(hidden + u, h);
                }
                TIsa.Store(y + u, h);
            }
        }
    }

    private readonly struct Backward(RnnLevel level, float* output, StepGradient gradient) : ICellKernel
    {
        private readonly StepGradient _gradient = gradient;
        private readonly float* _output = output;
        private readonly float* _gates = level.Gates;
        private readonly float* _compact = level.Product;
        private readonly float* _direct = level.Direct;
        private readonly bool _relu = level._relu;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Compute<TIsa, TVector>(int sample, nint first, nint last)
            where TIsa : struct, ISimd<TVector>
            where TVector : struct
        {
            nint units = _gradient.Units;
            nint row = ((nint)sample * _gradient.Steps) + _gradient.Step;
            _gradient.Of(sample, out float* dy, out float* direct, out float* product);
            float* y = _output + (row * units);
            float* da = _gates + (row * units);
            float* compact = _compact + (sample * units);
            float* on = _direct + (sample * units);
            bool isMasked = _gradient.Mask is not null && _gradient.Mask[row] == 0;
            bool relu = _relu;
            for (nint u = first; u < last; u += TIsa.Width)
            {
                TVector dh = StepGradient.Sum<TIsa, TVector>(dy, direct, product, u);
                TVector result = TIsa.Zero;
                if (isMasked)
                    TIsa.Store(on + u, dh);
                else if (relu)
                    result = default(ReluGradientOperator).Apply<TIsa, TVector>(TIsa.Load(y + u), dh);
                else
                    result = default(TanhGradientOperator).Apply<TIsa, TVector>(TIsa.Load(y + u), dh);
                TIsa.Store(da + u, result);
                TIsa.Store(compact + u, result);
            }
        }
    }
}
