using Lockstep.Engine.Kernels;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Layers;

/// <summary>A dense layer's products with its weights.</summary>
internal sealed unsafe class DenseContext : LayerContext
{
    private readonly int _inputs;
    private readonly DenseWeight _forward;
    private readonly DenseWeight _backward;
    private int[] _bounds = [];

    public DenseContext(ParameterView weight, ParameterView? bias, int inputs, int units)
    {
        Weight = weight;
        Bias = bias;
        _inputs = inputs;
        _forward = new DenseWeight(inputs, units);
        _backward = new DenseWeight(units, inputs);
    }

    public ParameterView Weight { get; }

    public ParameterView? Bias { get; }

    /// <summary>output = input·Wᵀ + bias, of so many rows.</summary>
    public void MultiplyForward(Pass pass, int rows, MatrixOperand input, float* output, int outputStride, float* bias) =>
        _forward.Multiply(pass, rows, input, new MatrixOperand(pass.Parameters + Weight.Offset, _inputs, transposed: true), output, outputStride, bias);

    /// <summary>inputGradient = outputGradient·W, of so many rows.</summary>
    public void MultiplyBackward(Pass pass, int rows, MatrixOperand outputGradient, float* inputGradient, int inputStride) =>
        _backward.Multiply(pass, rows, outputGradient, new MatrixOperand(pass.Parameters + Weight.Offset, _inputs), inputGradient, inputStride, null);

    /// <summary>Bounds of leaves in rows: a sample has one for each step.</summary>
    public ReadOnlySpan<int> RowBounds(ReadOnlySpan<int> leafBounds, int steps)
    {
        if (steps == 1)
            return leafBounds;
        if (_bounds.Length < leafBounds.Length)
            _bounds = new int[Math.Max(leafBounds.Length, 2 * _bounds.Length)];
        for (int i = 0; i < leafBounds.Length; i++)
            _bounds[i] = leafBounds[i] * steps;
        return _bounds.AsSpan(0, leafBounds.Length);
    }

    protected override void Release()
    {
        _forward.Dispose();
        _backward.Dispose();
    }
}
