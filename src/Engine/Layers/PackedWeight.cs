using Lockstep.Engine.Kernels;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Layers;

/// <summary>
/// Rows of a weight matrix W, packed for both products that it enters. Each is packed when a version's first pass asks for it, so evaluation never packs for
/// a backward pass.
/// </summary>
/// <param name="weight">The parameter, [rows of it, columns].</param>
/// <param name="firstRow">The first row that is taken.</param>
/// <param name="rows">How many are.</param>
/// <param name="columns">Numbers of a row.</param>
internal sealed unsafe class PackedWeight(ParameterView weight, int firstRow, int rows, int columns) : IDisposable
{
    private PackedMatrix? _forward;
    private PackedMatrix? _backward;
    private long _forwardVersion;
    private long _backwardVersion;

    /// <summary>Wᵀ [columns, rows], for x·Wᵀ.</summary>
    public PackedMatrix Forward(Pass pass)
    {
        _forward ??= new PackedMatrix(columns, rows);
        if (_forwardVersion != pass.ParameterVersion)
        {
            _forward.Pack(pass.Crew, new MatrixOperand(First(pass), columns, transposed: true));
            _forwardVersion = pass.ParameterVersion;
        }
        return _forward;
    }

    /// <summary>W [rows, columns], for ∂L/∂y·W.</summary>
    public PackedMatrix Backward(Pass pass)
    {
        _backward ??= new PackedMatrix(rows, columns);
        if (_backwardVersion != pass.ParameterVersion)
        {
            _backward.Pack(pass.Crew, new MatrixOperand(First(pass), columns));
            _backwardVersion = pass.ParameterVersion;
        }
        return _backward;
    }

    public void Dispose()
    {
        _forward?.Dispose();
        _backward?.Dispose();
    }

    private float* First(Pass pass) => pass.Parameters + weight.Offset + ((long)firstRow * columns);
}
