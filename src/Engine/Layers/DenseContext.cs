using Lockstep.Engine.Kernels;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Layers;

/// <summary>
/// A dense layer's weights, packed for both products. Each is packed when a version's first pass asks for it, so
/// evaluation never packs for a backward pass.
/// </summary>
internal sealed unsafe class DenseContext : LayerContext
{
    private readonly int _inputs;
    private readonly int _units;
    private readonly PackedMatrix _forward;
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
        _forward = new PackedMatrix(inputs, units);
    }

    public ParameterView Weight { get; }

    public ParameterView? Bias { get; }

    /// <summary>Wᵀ [D, units].</summary>
    public PackedMatrix ForwardWeight(Pass pass)
    {
        if (_forwardVersion != pass.ParameterVersion)
        {
            _forward.Pack(pass.Crew, new MatrixOperand(pass.Parameters + Weight.Offset, _inputs, transposed: true));
            _forwardVersion = pass.ParameterVersion;
        }
        return _forward;
    }

    /// <summary>W [units, D].</summary>
    public PackedMatrix BackwardWeight(Pass pass)
    {
        _backward ??= new PackedMatrix(_units, _inputs);
        if (_backwardVersion != pass.ParameterVersion)
        {
            _backward.Pack(pass.Crew, new MatrixOperand(pass.Parameters + Weight.Offset, _inputs));
            _backwardVersion = pass.ParameterVersion;
        }
        return _backward;
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
        _forward.Dispose();
        _backward?.Dispose();
    }
}
