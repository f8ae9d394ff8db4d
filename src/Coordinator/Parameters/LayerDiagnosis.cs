using Lockstep.Coordinator.Running;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Mapping;
using Lockstep.Jobs.Planning;

namespace Lockstep.Coordinator.Parameters;

/// <summary>What the parameter server can show of a step by layer: norms of gradients, and updates in proportion to the weights.</summary>
internal sealed unsafe class LayerDiagnosis
{
    private readonly TrainingPlan _plan;
    private readonly LayerNorms _norms;
    private readonly double[] _gradients;
    private readonly double[] _weights;
    private readonly double[] _updates;

    public LayerDiagnosis(TrainingPlan plan)
    {
        _plan = plan;
        _norms = new LayerNorms(plan.Network);
        (_gradients, _weights, _updates) = (new double[_norms.Layers.Count], new double[_norms.Layers.Count], new double[_norms.Layers.Count]);
    }

    /// <summary>Looks at the prepared gradient, before it is clipped.</summary>
    public void Look(UpdateStage.GradientOf gradient)
    {
        Array.Clear(_gradients);
        foreach (ParameterBlock block in _plan.Network.Layout.Blocks)
            _norms.AddSquares(block, gradient(block.Index), _gradients);
    }

    /// <summary>Compares two versions, once the second is complete, and says what there is to show.</summary>
    public IReadOnlyList<MetricValue> Compare(ParameterVersion current, ParameterVersion next)
    {
        Array.Clear(_weights);
        Array.Clear(_updates);
        foreach (ParameterBlock block in _plan.Network.Layout.Blocks)
        {
            _norms.AddSquares(block, current.Pointer + block.Offset, _weights);
            _norms.AddSquaredDistances(block, next.Pointer + block.Offset, current.Pointer + block.Offset, _updates);
        }
        var values = new List<MetricValue>();
        foreach (DiagnosticKind kind in _plan.Job.DiagnosticKinds())
        {
            for (int i = 0; i < _norms.Layers.Count; i++)
            {
                string name = $"{DiagnosticSlots.NameOf(kind)}/{_norms.Layers[i]}";
                if (kind == DiagnosticKind.GradientNorms)
                    values.Add(new MetricValue(name, Math.Sqrt(_gradients[i])));
                else if (kind == DiagnosticKind.UpdateRatios)
                    values.Add(new MetricValue(name, Math.Sqrt(_updates[i] / _weights[i])));
            }
        }
        return values;
    }
}
