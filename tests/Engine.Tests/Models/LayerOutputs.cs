using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Models;

/// <summary>What one layer of a network makes of a minibatch.</summary>
internal static unsafe class LayerOutputs
{
    /// <summary>[N, output shape of the layer].</summary>
    public static float[] Of(Network network, int layer, FloatBuffer parameters, Minibatch minibatch)
    {
        using var crew = new ComputeCrew(1);
        using var replica = new Replica(network, new LossSpec(LossKind.L2), [], minibatch.Samples, crew);
        using var outputs = new FloatBuffer((long)minibatch.Samples * network.Layers[layer].Output.Length);
        replica.UseParameters(parameters.Pointer, 0);
        replica.PredictLayer(minibatch.All(), layer, outputs.Pointer);
        return outputs.Span.ToArray();
    }
}
