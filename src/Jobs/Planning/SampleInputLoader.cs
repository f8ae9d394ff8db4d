using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Memory;

namespace Lockstep.Jobs.Planning;

/// <summary>Brings transformed inputs into rows of float memory: whole ones, or a window of a sequence.</summary>
internal sealed unsafe class SampleInputLoader : IDisposable
{
    private readonly TransformPipeline _transforms;
    private readonly FloatBuffer _rows;
    private readonly FloatBuffer _raw;
    private readonly FloatBuffer _whole;

    public SampleInputLoader(TrainingPlan plan)
    {
        _transforms = plan.Transforms;
        _rows = new FloatBuffer((long)plan.Job.Training.Batch * plan.Network.Input.Length);
        bool hasWindows = plan.Chunks is not null;
        _raw = new FloatBuffer(hasWindows && plan.Data.Training.IsStream ? plan.Chunks!.LongestWindow : 0);
        _whole = new FloatBuffer(hasWindows ? _transforms.OutputLength : 0);
    }

    /// <summary>[N, input shape], or in a window [N, window's steps, …].</summary>
    public float* Rows => _rows.Pointer;

    /// <summary>Loads one sample into one row.</summary>
    public void Load(in Minibatch minibatch, int sample, int row)
    {
        if (minibatch.Window is not { } window)
        {
            minibatch.Reader.Read(sample, minibatch.Epoch, Rows + ((long)row * _transforms.OutputLength));
            return;
        }
        int stepLength = _transforms.OutputLength / _transforms.OutputShape[0];
        float* from = _whole.Pointer;
        if (minibatch.Reader.Data.IsStream)
        {
            // A stream's transforms were made for the longest window: what a shorter one lacks is token 0, and is not copied.
            _raw.Span.Clear();
            minibatch.Reader.Data.CopyInputRun(sample, window.Start, window.Steps, _raw.Pointer);
            _transforms.Apply(_raw.Pointer, _whole.Pointer, SampleVisit.Evaluation);
        }
        else
        {
            minibatch.Reader.Read(sample, minibatch.Epoch, _whole.Pointer);
            from += (long)window.Start * stepLength;
        }
        int length = window.Steps * stepLength;
        new ReadOnlySpan<float>(from, length).CopyTo(new Span<float>(Rows + ((long)row * length), length));
    }

    public void Dispose()
    {
        _rows.Dispose();
        _raw.Dispose();
        _whole.Dispose();
    }
}
