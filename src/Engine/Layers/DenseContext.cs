using Lockstep.Engine.Kernels;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Layers;

/// <summary>
/// A dense layer's products with its weights. These are packed for each when a version's first pass asks for it, so evaluation never packs for a
/// backward pass. Weights beyond the caches that meet few rows are packed panel by panel in the product itself: writing them out and reading
/// them again would cost more than the product.
/// </summary>
internal sealed unsafe class DenseContext : LayerContext
{
    // 4 MiB: more than a core's share of the caches.
    private const long LargeWeights = 1 << 20;

    private readonly int _inputs;
    private readonly int _units;
    private PackedMatrix? _forward;
    private PackedMatrix? _backward;
    private long _forwardVersion;
    private long _backwardVersion;
    private int[] _bounds = [];

    public DenseContext(ParameterView weight, ParameterView? bias, int inputs, int units)
    {
        Weight = weight;
        Bias = bias;
        _inputs = inputs;
        _units = units;
    }

    public ParameterView Weight { get; }

    public ParameterView? Bias { get; }

    /// <summary>output = input·Wᵀ + bias, of so many rows.</summary>
    public void MultiplyForward(Pass pass, int rows, MatrixOperand input, float* output, int outputStride, float* bias)
    {
        var weight = new MatrixOperand(pass.Parameters + Weight.Offset, _inputs, transposed: true);
        if (PacksInPassing(rows))
        {
            MatrixProduct.Multiply(pass.Crew, rows, _units, _inputs, input, weight, output, outputStride, bias);
            return;
        }
        _forward ??= new PackedMatrix(_inputs, _units);
        if (_forwardVersion != pass.ParameterVersion)
        {
            _forward.Pack(pass.Crew, weight);
            _forwardVersion = pass.ParameterVersion;
        }
        MatrixProduct.Multiply(pass.Crew, rows, _units, _inputs, input, _forward, output, outputStride, bias);
    }

    /// <summary>inputGradient = outputGradient·W, of so many rows.</summary>
    public void MultiplyBackward(Pass pass, int rows, MatrixOperand outputGradient, float* inputGradient, int inputStride)
    {
        var weight = new MatrixOperand(pass.Parameters + Weight.Offset, _inputs);
        if (PacksInPassing(rows))
        {
            MatrixProduct.Multiply(pass.Crew, rows, _inputs, _units, outputGradient, weight, inputGradient, inputStride);
            return;
        }
        _backward ??= new PackedMatrix(_units, _inputs);
        if (_backwardVersion != pass.ParameterVersion)
        {
            _backward.Pack(pass.Crew, weight);
            _backwardVersion = pass.ParameterVersion;
        }
        MatrixProduct.Multiply(pass.Crew, rows, _inputs, _units, outputGradient, _backward, inputGradient, inputStride);
    }

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
        _forward?.Dispose();
        _backward?.Dispose();
    }

    private bool PacksInPassing(int rows) => (long)_inputs * _units >= LargeWeights && MatrixProduct.IsFewRows(rows);
}
