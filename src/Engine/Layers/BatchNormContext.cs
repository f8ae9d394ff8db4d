using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Layers;

/// <summary>
/// The statistics of a pass's leaves, [leaves, C], and each leaf's part of the sums that the tree adds. It grows with the leaves of a pass and then stays.
/// </summary>
internal sealed unsafe class BatchNormContext(IReadOnlyList<ParameterView> parameters, int channels) : LayerContext
{
    // Where statistics are given, samples are shared out in so many runs.
    private const int Runs = 64;

    private int[] _bounds = [];
    private int[] _nodeStarts = [];
    private FloatBuffer _first = new(0);
    private FloatBuffer _second = new(0);
    private FloatBuffer _means = new(0);
    private FloatBuffer _deviations = new(0);

    public ParameterView Weight => parameters[0];

    public ParameterView Bias => parameters[1];

    public ParameterView RunningMean => parameters[2];

    public ParameterView RunningVariance => parameters[3];

    /// <summary>How many leaves the pass has, or runs of samples where statistics are given.</summary>
    public int Leaves { get; private set; }

    /// <summary>Whether all leaves share one row of statistics.</summary>
    public bool IsGiven { get; private set; }

    /// <summary>Cuts the pass into its leaves.</summary>
    public void BeginLeaves(Pass pass)
    {
        int leaves = 0;
        for (int i = 0; i < pass.NodeCount; i++)
            leaves += pass.Node(i).LeafBounds.Length - 1;
        Reserve(leaves, pass.NodeCount);
        IsGiven = false;
        int at = 0;
        for (int i = 0; i < pass.NodeCount; i++)
        {
            NodeRun node = pass.Node(i);
            _nodeStarts[i] = at;
            for (int leaf = 0; leaf < node.LeafBounds.Length - 1; leaf++)
                _bounds[at++] = node.FirstSample + node.LeafBounds[leaf];
        }
        _bounds[at] = pass.Samples;
    }

    /// <summary>Cuts the pass into runs of samples that all have the running statistics.</summary>
    public void BeginGiven(Pass pass, float epsilon)
    {
        int runs = Math.Clamp(pass.Samples, 1, Runs);
        Reserve(runs, 0);
        IsGiven = true;
        for (int run = 0; run < runs; run++)
            _bounds[run] = (int)WorkRange.Of(pass.Samples, run, runs).Start;
        _bounds[runs] = pass.Samples;
        for (int c = 0; c < channels; c++)
        {
            Means(0)[c] = pass.Parameters[RunningMean.Offset + c];
            InverseDeviations(0)[c] = 1 / Math.Sqrt(pass.Parameters[RunningVariance.Offset + c] + (double)epsilon);
        }
    }

    /// <summary>The first sample of a leaf.</summary>
    public int Start(int leaf) => _bounds[leaf];

    /// <summary>The sample after a leaf's last.</summary>
    public int End(int leaf) => _bounds[leaf + 1];

    /// <summary>Means of a leaf, [C].</summary>
    public double* Means(int leaf) => (double*)_means.Pointer + ((long)(IsGiven ? 0 : leaf) * channels);

    /// <summary>1/√(variance + ε) of a leaf, [C].</summary>
    public double* InverseDeviations(int leaf) => (double*)_deviations.Pointer + ((long)(IsGiven ? 0 : leaf) * channels);

    /// <summary>A leaf's part of the first sum, [C].</summary>
    public float* First(int leaf) => _first.Pointer + ((long)leaf * channels);

    /// <summary>A leaf's part of the second sum, [C].</summary>
    public float* Second(int leaf) => _second.Pointer + ((long)leaf * channels);

    /// <summary>Adds both sums over each node's leaves by the tree, into the node's gradient.</summary>
    public void AddLeaves(Pass pass, ParameterView first, ParameterView second)
    {
        for (int i = 0; i < pass.NodeCount; i++)
        {
            NodeRun node = pass.Node(i);
            if (node.Gradient is null)
                continue;
            int leaves = node.LeafBounds.Length - 1;
            AddLeaves(First(_nodeStarts[i]), leaves, node.Gradient + first.Offset);
            AddLeaves(Second(_nodeStarts[i]), leaves, node.Gradient + second.Offset);
        }
    }

    protected override void Release()
    {
        _first.Dispose();
        _second.Dispose();
        _means.Dispose();
        _deviations.Dispose();
    }

    private void AddLeaves(float* rows, int leaves, float* sum)
    {
        for (int width = 1; width < leaves; width *= 2)
        {
            for (int leaf = 0; leaf < leaves; leaf += 2 * width)
                Kernels.VectorMath.Add(rows + ((long)leaf * channels), rows + ((long)(leaf + width) * channels), channels);
        }
        new ReadOnlySpan<float>(rows, channels).CopyTo(new Span<float>(sum, channels));
    }

    private void Reserve(int leaves, int nodes)
    {
        Leaves = leaves;
        if (_nodeStarts.Length < nodes)
            _nodeStarts = new int[Math.Max(nodes, 2 * _nodeStarts.Length)];
        if (_bounds.Length > leaves)
            return;
        int room = Math.Max(leaves, 2 * _bounds.Length);
        Release();
        _bounds = new int[room + 1];
        long numbers = (long)room * channels;
        _first = new FloatBuffer(numbers);
        _second = new FloatBuffer(numbers);
        _means = new FloatBuffer(2 * numbers);
        _deviations = new FloatBuffer(2 * numbers);
    }
}
