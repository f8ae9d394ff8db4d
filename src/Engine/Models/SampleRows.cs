namespace Lockstep.Engine.Models;

/// <summary>
/// One sample's output beside its target, row by row: a sequence [U, K] has a row for each step, everything else is one row. Rows that do not count, padding
/// and steps that only bring the state up to date, are passed over.
/// </summary>
public readonly unsafe struct SampleRows
{
    private readonly int* _classes;
    private readonly float* _values;
    private readonly float* _mask;
    private readonly int _from;

    /// <param name="batch">Targets.</param>
    /// <param name="sample">Which sample.</param>
    /// <param name="output">The network's output for all samples.</param>
    /// <param name="shape">Shape of a sample of the output.</param>
    public SampleRows(in Batch batch, int sample, float* output, Shape shape)
    {
        bool isSequence = shape.Rank == 2;
        Count = isSequence ? batch.Window?.Steps ?? shape[0] : 1;
        Length = isSequence ? shape[1] : shape.Length;
        Offset = (long)sample * Count * Length;
        Output = output + Offset;
        _classes = batch.Classes is null ? null : batch.Classes + ((long)sample * Count);
        _values = batch.Values is null ? null : batch.Values + Offset;
        _mask = batch.TargetMask is null ? null : batch.TargetMask + ((long)sample * Count);
        _from = isSequence ? batch.Window?.LossFrom ?? 0 : 0;
    }

    /// <summary>How many rows.</summary>
    public int Count { get; }

    /// <summary>K, numbers of a row.</summary>
    public int Length { get; }

    /// <summary>Numbers of the samples before this one.</summary>
    public long Offset { get; }

    /// <summary>[rows, K].</summary>
    public float* Output { get; }

    /// <summary>Whether there are class numbers.</summary>
    public bool HasClasses => _classes is not null;

    /// <summary>Whether a row counts.</summary>
    public bool Counts(int row) => row >= _from && (_mask is null || _mask[row] != 0);

    /// <summary>The target class of a row.</summary>
    public int ClassOf(int row) => _classes[row];

    /// <summary>The target values of a row, [K].</summary>
    public float* ValuesOf(int row) => _values + ((long)row * Length);

    /// <summary>A row of the output, [K].</summary>
    public float* OutputOf(int row) => Output + ((long)row * Length);
}
