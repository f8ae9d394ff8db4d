using Lockstep.Engine.Layers;
using Lockstep.Engine.Randomness;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Models;

/// <summary>
/// First values of parameters. Each is a function of (seed, number of the parameter in the layout, number of the
/// element) alone, drawn in float64 and rounded once.
/// </summary>
internal static unsafe class ParameterInitialization
{
    /// <param name="definition">The parameter, its fans and how it starts.</param>
    /// <param name="parameter">Its number in the layout.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="values">Receives all its numbers.</param>
    /// <param name="count">How many it has.</param>
    public static void Fill(ParameterDefinition definition, int parameter, ulong seed, float* values, long count)
    {
        var random = new CounterRandom(seed, RandomPurpose.InitialWeights, (uint)parameter);
        switch (definition.Initializer)
        {
            case null:
                Uniform(random, 1 / Math.Sqrt(definition.FanIn), values, count);
                break;
            case UniformInitializer uniform:
                Uniform(random, uniform.Bound, values, count);
                break;
            case XavierInitializer:
                Uniform(random, Math.Sqrt(6.0 / ((double)definition.FanIn + definition.FanOut)), values, count);
                break;
            case GaussianInitializer gaussian:
                Gaussian(random, gaussian.StandardDeviation, values, count);
                break;
            case HeInitializer:
                Gaussian(random, Math.Sqrt(2.0 / definition.FanIn), values, count);
                break;
            case ConstantInitializer constant:
                for (long i = 0; i < count; i++)
                    values[i] = constant.Value;
                break;
            default:
                throw new NotSupportedException($"There is no initializer {definition.Initializer.GetType().Name}.");
        }
    }

    private static void Uniform(CounterRandom random, double bound, float* values, long count)
    {
        for (long i = 0; i < count; i++)
            values[i] = (float)(((2.0 * random.Uniform(0, (uint)(i >> 32), (uint)i)) - 1) * bound);
    }

    private static void Gaussian(CounterRandom random, double deviation, float* values, long count)
    {
        for (long i = 0; i < count; i++)
            values[i] = (float)(random.Gaussian(0, (uint)(i >> 32), (uint)i) * deviation);
    }
}
