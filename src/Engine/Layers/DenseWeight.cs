using Lockstep.Engine.Kernels;

namespace Lockstep.Engine.Layers;

/// <summary>
/// A dense layer's weights as the right operand of one direction's products. Few rows use each panel up at once, so that a version's first product packs
/// panel by panel in passing: in training it is the only one. Whoever comes again with the same version, as evaluation does with the next minibatch, finds
/// the weights packed; those beyond the caches stay where they are, for writing them out and reading them again would cost more than the product.
/// </summary>
/// <param name="rows">k: rows of the operand, its transposition counted.</param>
/// <param name="columns">n: columns.</param>
internal sealed unsafe class DenseWeight(int rows, int columns) : IDisposable
{
    // 4 MiB: more than a core's share of the caches.
    private const long Large = 1 << 20;

    private PackedMatrix? _packed;
    private long _packedVersion;
    private long _usedVersion;

    /// <summary>c = a·weight + bias.</summary>
    /// <param name="pass">Whose parameters the weights are of.</param>
    /// <param name="m">Rows of a and c.</param>
    /// <param name="a">[m, rows].</param>
    /// <param name="weight">[rows, columns], of the pass's version.</param>
    /// <param name="c">[m, columns], overwritten.</param>
    /// <param name="ldc">Elements from one row of c to the next.</param>
    /// <param name="bias">[columns], or null.</param>
    public void Multiply(Pass pass, int m, MatrixOperand a, MatrixOperand weight, float* c, int ldc, float* bias)
    {
        bool isFirst = _usedVersion != pass.ParameterVersion;
        _usedVersion = pass.ParameterVersion;
        if (MatrixProduct.IsFewRows(m) && (isFirst || (long)rows * columns >= Large))
        {
            MatrixProduct.Multiply(pass.Crew, m, columns, rows, a, weight, c, ldc, bias);
            return;
        }
        _packed ??= new PackedMatrix(rows, columns);
        if (_packedVersion != pass.ParameterVersion)
        {
            _packed.Pack(pass.Crew, weight);
            _packedVersion = pass.ParameterVersion;
        }
        MatrixProduct.Multiply(pass.Crew, m, columns, rows, a, _packed, c, ldc, bias);
    }

    public void Dispose() => _packed?.Dispose();
}
