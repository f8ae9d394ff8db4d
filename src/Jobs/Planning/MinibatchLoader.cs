using Lockstep.Engine.Data;
using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Trees;

namespace Lockstep.Jobs.Planning;

/// <summary>
/// Brings the samples of a minibatch's nodes into float memory, node after node. The memory is used anew by the next call.
/// Not for several threads at a time.
/// </summary>
public sealed unsafe class MinibatchLoader : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly FloatBuffer _inputs;
    private readonly int _valueLength;
    private readonly bool _isOneSided;
    private readonly FloatBuffer _values;
    private readonly FloatBuffer _classes;

    /// <param name="plan">Whose minibatches are loaded.</param>
    public MinibatchLoader(TrainingPlan plan)
    {
        _plan = plan;
        DataSet data = plan.Data.Training;
        long samples = plan.Job.Training.Batch;
        _inputs = new FloatBuffer(samples * plan.Transforms.OutputLength);
        _valueLength = data.HasClasses ? (plan.Loss.TakesClasses ? 0 : plan.Network.Output.Length) : data.TargetLength;
        _isOneSided = _valueLength == 1 && data.ClassCount == 2;
        _values = new FloatBuffer(samples * _valueLength);
        _classes = new FloatBuffer(data.HasClasses ? samples : 0);
    }

    /// <summary>Loads the samples of some nodes of a minibatch.</summary>
    /// <param name="minibatch">The minibatch.</param>
    /// <param name="nodes">The nodes, none of which shares a leaf with another.</param>
    public Batch Load(in Minibatch minibatch, IReadOnlyList<TreeNode> nodes)
    {
        int loaded = 0;
        for (int i = 0; i < nodes.Count; i++)
        {
            (int start, int end) = SumTree.NodeSamples(nodes[i], _plan.Shards, minibatch.Count);
            Read(minibatch, start, end - start, loaded);
            loaded += end - start;
        }
        bool classes = minibatch.Reader.Data.HasClasses;
        return new Batch
        {
            Inputs = _inputs.Pointer,
            Count = loaded,
            Classes = classes ? (int*)_classes.Pointer : null,
            Values = _valueLength == 0 ? null : _values.Pointer,
            Position = new PassPosition(_plan.Job.Seed, minibatch.Epoch, minibatch.Step),
        };
    }

    /// <summary>Loads a whole minibatch.</summary>
    public Batch Load(in Minibatch minibatch) => Load(minibatch, [SumTree.Root(_plan.Shards)]);

    public void Dispose()
    {
        _inputs.Dispose();
        _values.Dispose();
        _classes.Dispose();
    }

    private void Read(in Minibatch minibatch, int start, int count, int row)
    {
        DataSet data = minibatch.Reader.Data;
        float* inputs = _inputs.Pointer + ((long)row * _plan.Transforms.OutputLength);
        float* values = _values.Pointer + ((long)row * _valueLength);
        if (!data.HasClasses)
        {
            minibatch.Reader.ReadValues(minibatch.Epoch, minibatch.First + start, count, inputs, values);
            return;
        }
        int* classes = (int*)_classes.Pointer + row;
        minibatch.Reader.ReadClasses(minibatch.Epoch, minibatch.First + start, count, inputs, classes);
        if (_valueLength > 0)
            OneHot(classes, count, values);
    }

    // A loss on values sees classes as vectors with a 1 at the class; a single output for two of them is the side of class 1.
    private void OneHot(int* classes, int count, float* values)
    {
        new Span<float>(values, checked(count * _valueLength)).Fill(_plan.Loss.OtherClassValue);
        for (int i = 0; i < count; i++)
        {
            if (!_isOneSided)
                values[((long)i * _valueLength) + classes[i]] = 1;
            else if (classes[i] == 1)
                values[i] = 1;
        }
    }
}
