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
    private readonly SampleInputLoader _inputs;
    private readonly TargetLoader _targets;
    private readonly GivenStates _states;
    private readonly FloatBuffer _sampleIds;
    private readonly FloatBuffer _inputMask;
    private readonly FloatBuffer _teacher;
    private readonly FloatBuffer _initialStates;

    /// <param name="plan">Whose minibatches are loaded.</param>
    public MinibatchLoader(TrainingPlan plan)
    {
        _plan = plan;
        DataSet data = plan.Data.Training;
        long samples = plan.Job.Training.Batch;
        _inputs = new SampleInputLoader(plan);
        _targets = new TargetLoader(plan);
        _states = new GivenStates(plan.Network, data);
        _sampleIds = new FloatBuffer(samples);
        _inputMask = new FloatBuffer(data.HasInputMask ? samples * data.InputShape[0] : 0);
        _teacher = new FloatBuffer(samples * data.TeacherLength);
        _initialStates = new FloatBuffer(_states.Any ? samples * plan.Network.StateWidth : 0);
    }

    /// <summary>Loads the samples of some nodes of a minibatch.</summary>
    /// <param name="minibatch">The minibatch.</param>
    /// <param name="nodes">The nodes, none of which shares a leaf with another.</param>
    public Batch Load(in Minibatch minibatch, IReadOnlyList<TreeNode> nodes)
    {
        var ids = new Span<int>(_sampleIds.Pointer, checked((int)_sampleIds.Length));
        int loaded = 0;
        for (int i = 0; i < nodes.Count; i++)
        {
            (int start, int end) = SumTree.NodeSamples(nodes[i], _plan.Shards, minibatch.Count);
            minibatch.Reader.Samples(minibatch.Epoch, minibatch.First + start, ids.Slice(loaded, end - start));
            loaded += end - start;
        }
        DataSet data = minibatch.Reader.Data;
        for (int row = 0; row < loaded; row++)
            Load(minibatch, data, ids[row], row);
        return new Batch
        {
            Inputs = _inputs.Rows,
            Count = loaded,
            Classes = data.HasClasses ? _targets.Classes : null,
            Values = _targets.HasValues ? _targets.Values : null,
            SampleIds = (int*)_sampleIds.Pointer,
            InputMask = data.HasInputMask ? _inputMask.Pointer : null,
            TargetMask = data.HasTargetMask ? _targets.Mask : data.HasInputMask && _plan.Network is { FollowsInput: true, Output.Rank: 2 } ? _inputMask.Pointer : null,
            Teacher = data.HasTeacher ? _teacher.Pointer : null,
            TeacherLength = data.TeacherLength,
            InitialStates = _states.Any ? _initialStates.Pointer : null,
            Window = minibatch.Window,
            Position = new PassPosition(_plan.Job.Seed, minibatch.Epoch, minibatch.Step),
        };
    }

    /// <summary>Loads a whole minibatch.</summary>
    public Batch Load(in Minibatch minibatch) => Load(minibatch, [SumTree.Root(_plan.Shards)]);

    public void Dispose()
    {
        _inputs.Dispose();
        _targets.Dispose();
        _sampleIds.Dispose();
        _inputMask.Dispose();
        _teacher.Dispose();
        _initialStates.Dispose();
    }

    private void Load(in Minibatch minibatch, DataSet data, int sample, int row)
    {
        _inputs.Load(minibatch, sample, row);
        _targets.Load(minibatch, sample, row);
        if (data.HasInputMask)
        {
            (int first, int steps) = minibatch.Window is { } window ? (window.Start, window.Steps) : (0, data.InputShape[0]);
            data.CopyInputMaskRun(sample, first, steps, _inputMask.Pointer + ((long)row * steps));
        }
        if (data.HasTeacher)
            data.CopyTeacher(sample, _teacher.Pointer + ((long)row * data.TeacherLength));
        if (_states.Any)
            _states.Copy(data, sample, _initialStates.Pointer + ((long)row * _plan.Network.StateWidth));
    }
}
