using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>
/// The input's products of a level whose input is one-hot, as characters are: rows of the weights are looked up in place of a multiplication, of which all
/// but one number in a row would be by 0. The bits are the same.
/// </summary>
/// <param name="weight">W [G·H, D].</param>
/// <param name="bias">[G·H].</param>
/// <param name="maximumRows">The most rows that are seen at once.</param>
internal sealed unsafe class OneHotInput(ParameterView weight, ParameterView bias, int maximumRows) : IDisposable
{
    // Below it a product costs no more than looking for the ones.
    private const int FewestColumns = 8;

    private readonly int _length = weight.Shape[0];
    private readonly int _columns = weight.Shape[1];
    private int[]? _hot;
    private FloatBuffer? _table;
    private long _version;

    /// <summary>Wx + b of some rows; false, with nothing written, if one of them is not one-hot.</summary>
    public bool TryProject(Pass pass, float* input, int stride, int rows, float* gates, int gateStride)
    {
        if (!TryFind(input, stride, rows))
            return false;
        _table ??= new FloatBuffer((_columns + 1L) * _length);
        if (_version != pass.ParameterVersion)
        {
            OneHotRows.Transpose(pass.Parameters + weight.Offset, _length, _columns, _table.Pointer);
            _version = pass.ParameterVersion;
        }
        fixed (int* hot = _hot)
            OneHotRows.Multiply(pass.Crew, hot, rows, _length, _table.Pointer, _columns, gates, gateStride, pass.Parameters + bias.Offset);
        return true;
    }

    /// <summary>The gradient of W from those of the preactivations; false, with nothing written, if a row is not one-hot.</summary>
    public bool TrySumGradient(Pass pass, float* input, float* gates, int gateStride, ReadOnlySpan<int> bounds, float* gradient)
    {
        int first = bounds[0];
        if (!TryFind(input + ((nint)first * _columns), _columns, bounds[^1] - first))
            return false;
        // Rows are counted from the bounds' first one.
        fixed (int* hot = _hot)
            OneHotRows.SumLeaves(pass.Crew, gates, gateStride, _length, hot - first, _columns, bounds, gradient + weight.Offset);
        return true;
    }

    public void Dispose() => _table?.Dispose();

    private bool TryFind(float* input, int stride, int rows)
    {
        if (_columns < FewestColumns)
            return false;
        _hot ??= new int[maximumRows];
        fixed (int* hot = _hot)
            return OneHotRows.TryFind(input, stride, rows, _columns, hot);
    }
}
