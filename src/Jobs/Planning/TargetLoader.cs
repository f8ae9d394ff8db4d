using Lockstep.Engine.Data;
using Lockstep.Engine.Memory;

namespace Lockstep.Jobs.Planning;

/// <summary>Brings targets into rows of memory: classes or values, of whole samples or of a window of sequences, and which steps of them count.</summary>
internal sealed unsafe class TargetLoader : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly int _rowLength;
    private readonly bool _isOneSided;
    private readonly FloatBuffer _classes;
    private readonly FloatBuffer _values;
    private readonly FloatBuffer _whole;
    private readonly FloatBuffer _mask;

    public TargetLoader(TrainingPlan plan)
    {
        _plan = plan;
        DataSet data = plan.Data.Training;
        long samples = plan.Job.Training.Batch;
        int steps = data.TargetSteps > 0 ? plan.Network.Output[0] : 1;
        // Of classes a row of values is one-hot, a step of a sequence for itself; of values it is all that a sample has.
        _rowLength = data.HasClasses ? (plan.Loss.TakesClasses ? 0 : plan.Network.Output.Length / steps) : data.TargetLength;
        _isOneSided = _rowLength == 1 && data.ClassCount == 2;
        _classes = new FloatBuffer(data.HasClasses ? samples * steps : 0);
        _values = new FloatBuffer(samples * steps * _rowLength);
        _whole = new FloatBuffer(plan.Chunks is not null ? data.TargetLength : 0);
        _mask = new FloatBuffer(samples * data.TargetMaskSteps);
    }

    /// <summary>[N], or [N, U] where each step has a class.</summary>
    public int* Classes => (int*)_classes.Pointer;

    /// <summary>Whether there are values, be they of the data set or made of its classes.</summary>
    public bool HasValues => _rowLength > 0;

    /// <summary>[N, output shape].</summary>
    public float* Values => _values.Pointer;

    /// <summary>[N, U].</summary>
    public float* Mask => _mask.Pointer;

    /// <summary>Loads one sample into one row.</summary>
    public void Load(in Minibatch minibatch, int sample, int row)
    {
        DataSet data = minibatch.Reader.Data;
        int first = minibatch.Window?.Start ?? 0;
        if (data.HasTargetMask)
        {
            int steps = minibatch.Window?.Steps ?? data.TargetMaskSteps;
            data.CopyTargetMaskRun(sample, first, steps, Mask + ((long)row * steps));
        }
        if (!data.HasClasses)
        {
            LoadValues(minibatch, data, sample, row);
            return;
        }
        int rows = minibatch.Window?.Steps ?? Math.Max(1, data.TargetSteps);
        int* classes = Classes + ((long)row * rows);
        if (data.TargetSteps == 0)
            classes[0] = data.ClassOf(sample);
        else
            data.TargetClasses(sample).Slice(first, rows).CopyTo(new Span<int>(classes, rows));
        if (HasValues)
            OneHot(classes, rows, Values + ((long)row * rows * _rowLength));
    }

    public void Dispose()
    {
        _classes.Dispose();
        _values.Dispose();
        _whole.Dispose();
        _mask.Dispose();
    }

    private void LoadValues(in Minibatch minibatch, DataSet data, int sample, int row)
    {
        if (minibatch.Window is not { } window)
        {
            data.CopyTarget(sample, Values + ((long)row * _rowLength));
            return;
        }
        int stepLength = data.TargetLength / data.TargetShape[0], length = window.Steps * stepLength;
        data.CopyTarget(sample, _whole.Pointer);
        _whole.Slice((long)window.Start * stepLength, length).CopyTo(new Span<float>(Values + ((long)row * length), length));
    }

    // A loss on values sees classes as vectors with a 1 at the class; a single output for two of them is the side of class 1.
    private void OneHot(int* classes, int rows, float* values)
    {
        new Span<float>(values, checked(rows * _rowLength)).Fill(_plan.Loss.OtherClassValue);
        for (int i = 0; i < rows; i++)
        {
            if (!_isOneSided)
                values[((long)i * _rowLength) + classes[i]] = 1;
            else if (classes[i] == 1)
                values[i] = 1;
        }
    }
}
