using Lockstep.Engine.Layers;
using Lockstep.Engine.Metrics;

namespace Lockstep.Engine.Models;

/// <summary>Every sample's part of every slot of <see cref="StepSums"/>, and their sums by node.</summary>
internal sealed unsafe class NodeSums(StepSums sums, int maximumSamples)
{
    // [slots, N]: a slot's samples lie side by side.
    private readonly double[] _values = new double[(long)sums.Length * maximumSamples];
    private readonly double[] _node = new double[sums.Length];
    private double[] _leaves = [];

    /// <summary>Where the loss writes each sample's number.</summary>
    public Span<double> Losses => Values(StepSums.Loss);

    /// <summary>Where the loss writes each sample's number of terms.</summary>
    public Span<double> Terms => Values(StepSums.Terms);

    /// <summary>Whether a metric is of what a decoder gives when it reads its own output.</summary>
    public bool HasMetricOfFreeRun { get; } = sums.Metrics.Any(metric => metric.IsOfFreeRun);

    /// <summary>Fills in the number of samples and the metrics of an output.</summary>
    /// <param name="batch">Targets.</param>
    /// <param name="output">[N, output shape].</param>
    /// <param name="outputShape">Shape of a sample of the output.</param>
    /// <param name="isAsTrained">Whether the output is that which the loss is of.</param>
    /// <param name="isFreeRun">Whether no teacher was read for it. Metrics of an output that it is not keep what they have.</param>
    public void Count(in Batch batch, float* output, Shape outputShape, bool isAsTrained, bool isFreeRun)
    {
        Values(StepSums.Samples)[..batch.Count].Fill(1);
        for (int metric = 0; metric < sums.Metrics.Count; metric++)
        {
            Metric measure = sums.Metrics[metric];
            if (measure.IsOfFreeRun ? !isFreeRun : !isAsTrained)
                continue;
            if (batch.Count > 0 && (measure.TakesClasses ? batch.Classes is null : batch.Values is null))
                throw new ArgumentException($"The metric {Metric.NameOf(measure.Kind)} takes {(measure.TakesClasses ? "class numbers" : "values")} as targets, and the batch has none.", nameof(batch));
            Span<double> parts = Values(StepSums.MetricSlot(metric));
            Span<double> counts = Values(StepSums.MetricSlot(metric) + 1);
            for (int i = 0; i < batch.Count; i++)
                (parts[i], counts[i]) = measure.OfSample(new SampleRows(batch, i, output, outputShape));
        }
    }

    /// <summary>Counts nothing for the metrics of a free run, where there is none.</summary>
    public void CountNoFreeRun(int samples)
    {
        for (int metric = 0; metric < sums.Metrics.Count; metric++)
        {
            if (!sums.Metrics[metric].IsOfFreeRun)
                continue;
            Values(StepSums.MetricSlot(metric))[..samples].Clear();
            Values(StepSums.MetricSlot(metric) + 1)[..samples].Clear();
        }
    }

    /// <summary>Asks the layers how they fared in the pass that has just gone back through all of them.</summary>
    public void Diagnose(Propagation propagation)
    {
        fixed (double* values = _values)
            propagation.Diagnose(sums.Diagnostics, values + ((long)sums.FirstDiagnostic * maximumSamples), maximumSamples);
    }

    /// <summary>A node's sums: samples in order within a leaf, leaves by the tree.</summary>
    /// <param name="node">The node.</param>
    /// <param name="diagnosed">Whether layers were asked how they fare; else their slots are +0.</param>
    public ReadOnlySpan<double> Of(NodeRun node, bool diagnosed)
    {
        int slots = diagnosed ? sums.Length : sums.FirstDiagnostic;
        _node.AsSpan(slots).Clear();
        int leaves = node.LeafBounds.Length - 1;
        if (_leaves.Length < leaves)
            _leaves = new double[leaves];
        for (int slot = 0; slot < slots; slot++)
        {
            ReadOnlySpan<double> values = Values(slot)[node.FirstSample..];
            for (int leaf = 0; leaf < leaves; leaf++)
            {
                double sum = 0;
                foreach (double value in values[node.LeafBounds[leaf]..node.LeafBounds[leaf + 1]])
                    sum += value;
                _leaves[leaf] = sum;
            }
            for (int width = 1; width < leaves; width *= 2)
            {
                for (int leaf = 0; leaf < leaves; leaf += 2 * width)
                    _leaves[leaf] += _leaves[leaf + width];
            }
            _node[slot] = _leaves[0];
        }
        return _node;
    }

    private Span<double> Values(int slot) => _values.AsSpan(slot * maximumSamples, maximumSamples);
}
