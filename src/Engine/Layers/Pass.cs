using Lockstep.Engine.Models;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Layers;

/// <summary>Which numbers of the random streams, and which step of the training, a pass belongs to.</summary>
/// <param name="Seed">The job's seed.</param>
/// <param name="Epoch">Epoch from 0.</param>
/// <param name="Step">Step from 0.</param>
public readonly record struct PassPosition(ulong Seed, long Epoch, long Step);

/// <summary>
/// What a layer must know of a pass beside its numbers. One object serves all passes of a replica: it is filled anew
/// for each, so that nothing is allocated.
/// </summary>
public sealed unsafe class Pass
{
    private int[] _bounds = [];
    private int[] _boundStarts = [];
    private int[] _firstSamples = [];
    private int[] _firstPositions = [];
    private StateSlots? _states;
    private nint[] _gradients = [];
    private WrittenRows?[] _written = [];
    private int* _sampleIds;

    internal Pass(ComputeCrew crew) => Crew = crew;

    /// <summary>The threads to compute with.</summary>
    public ComputeCrew Crew { get; }

    /// <summary>What the pass is for.</summary>
    public Phase Phase { get; private set; }

    /// <summary>Where in the training the pass is.</summary>
    public PassPosition Position { get; private set; }

    /// <summary>How many samples the pass has (N).</summary>
    public int Samples { get; private set; }

    /// <summary>Base of the flat buffer of parameters.</summary>
    public float* Parameters { get; private set; }

    /// <summary>Rises whenever the numbers behind <see cref="Parameters"/> may have changed: what was packed before is stale.</summary>
    public long ParameterVersion { get; private set; }

    /// <summary>The stretch of its sequences that the pass sees; null for whole sequences.</summary>
    public SequenceWindow? Window { get; private set; }

    /// <summary>The absolute step of the sequences that is the pass's first; 0 for whole sequences.</summary>
    public int FirstStep => Window?.Start ?? 0;

    /// <summary>[N, T] over the steps of the network's input: 1 for those that are there, 0 for padding; null where all are.</summary>
    public float* InputMask { get; private set; }

    /// <summary>What a decoder reads under teacher forcing, [N, U] tokens or [N, U, D] values; null where there is nothing.</summary>
    public float* Teacher { get; private set; }

    /// <summary>The token that a decoder's sequences begin with where there is no teacher.</summary>
    public int BeginToken { get; internal set; }

    /// <summary>Whether layers are asked how they fare (<see cref="IDiagnosed"/>) once the pass is done.</summary>
    public bool Diagnoses { get; internal set; }

    /// <summary>How many nodes the pass computes.</summary>
    public int NodeCount { get; private set; }

    /// <summary>Each sample's number in the data set, by which random streams are keyed; empty where the caller gave none.</summary>
    public ReadOnlySpan<int> SampleIds => _sampleIds is null ? [] : new(_sampleIds, Samples);

    /// <summary>One of the pass's nodes.</summary>
    public NodeRun Node(int index) => new(
        _firstSamples[index],
        _firstPositions[index],
        _bounds.AsSpan(_boundStarts[index], _boundStarts[index + 1] - _boundStarts[index]),
        _gradients[index] == 0 ? null : (float*)_gradients[index],
        _written[index]);

    /// <summary>Steps of a sequence of this shape in this pass; the shape's own first axis unless the pass has a window.</summary>
    /// <param name="sequence">[T, …].</param>
    public int StepsOf(Shape sequence) => Window?.Steps ?? sequence[0];

    /// <summary>Numbers of one sample of this shape in this pass: fewer than the shape says where the pass has a window.</summary>
    /// <param name="shape">A sequence [T, …] where there is a window.</param>
    public int LengthOf(Shape shape) => Window is { } window ? shape.Length / shape[0] * window.Steps : shape.Length;

    /// <summary>After how many steps of a sequence of this shape the state is the one that is carried on.</summary>
    /// <param name="sequence">[T, …].</param>
    public int CarryAt(Shape sequence) => Window?.CarryAt ?? sequence[0];

    /// <summary>A state of a layer that has some.</summary>
    /// <param name="layer">The layer's index.</param>
    /// <param name="state">Which of its states, in the order of <see cref="Layer.States"/>.</param>
    public StateSlot State(int layer, int state) =>
        (_states ?? throw new InvalidOperationException("The replica keeps no states.")).Of(layer, state);

    internal void KeepStates(StateSlots states) => _states = states;

    internal void UseParameters(float* parameters)
    {
        Parameters = parameters;
        ParameterVersion++;
    }

    internal void Begin(Phase phase, in Batch batch)
    {
        Phase = phase;
        Position = batch.Position;
        Samples = batch.Count;
        Window = batch.Window;
        InputMask = batch.InputMask;
        Teacher = batch.Teacher;
        _sampleIds = batch.SampleIds;
        NodeCount = 0;
        Diagnoses = false;
    }

    /// <summary>Cuts the pass's samples into nodes, which follow one another; returns how many samples they have.</summary>
    internal int Cut(ReadOnlySpan<TreeNode> nodes, int shards, int minibatchSamples, ReadOnlySpan<nint> gradients, ReadOnlySpan<WrittenRows> written = default)
    {
        int bounds = nodes.Length;
        foreach (TreeNode node in nodes)
            bounds += node.Count;
        Grow(ref _bounds, bounds);
        Grow(ref _boundStarts, nodes.Length + 1);
        Grow(ref _firstSamples, nodes.Length);
        Grow(ref _firstPositions, nodes.Length);
        Grow(ref _gradients, nodes.Length);
        Grow(ref _written, nodes.Length);
        int at = 0, sample = 0;
        for (int i = 0; i < nodes.Length; i++)
        {
            TreeNode node = nodes[i];
            _firstSamples[i] = sample;
            _gradients[i] = gradients.IsEmpty ? 0 : gradients[i];
            _written[i] = written.IsEmpty ? null : written[i];
            _boundStarts[i] = at;
            int first = SumTree.LeafSamples(node.Start, shards, minibatchSamples).Start;
            _firstPositions[i] = first;
            _bounds[at++] = 0;
            for (int leaf = node.Start; leaf < node.End; leaf++)
                _bounds[at++] = SumTree.LeafSamples(leaf, shards, minibatchSamples).End - first;
            sample += _bounds[at - 1];
        }
        _boundStarts[nodes.Length] = at;
        NodeCount = nodes.Length;
        return sample;
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            array = new T[Math.Max(length, array.Length * 2)];
    }
}
