using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Optimization;

/// <summary>The rule by which one parameter's numbers change. Pure: its state lies in the flat buffers that it is given.</summary>
internal abstract unsafe class Optimizer
{
    /// <summary>Names of the flat state buffers that it needs, each zero at first.</summary>
    public abstract IReadOnlyList<string> StateNames { get; }

    /// <summary>Makes the optimizer that a job asks for.</summary>
    public static Optimizer Create(OptimizerSpec spec) => spec switch
    {
        SgdSpec sgd => new Sgd(sgd),
        AdagradSpec adagrad => new Adagrad(adagrad),
        RmsPropSpec rmsProp => new RmsProp(rmsProp),
        AdamSpec adam => new Adam(adam),
        _ => throw new NotSupportedException($"There is no optimizer {spec.GetType().Name}."),
    };

    /// <summary>Updates whole cache lines of one parameter.</summary>
    /// <param name="gradient">Their gradient, clipped.</param>
    /// <param name="run">Where the numbers lie.</param>
    /// <param name="rate">The parameter's learning rate at this step, not rounded yet.</param>
    /// <param name="step">Step from 0.</param>
    /// <returns>Whether every new number is finite, those of the state too.</returns>
    public abstract bool Update<TGradient>(ref TGradient gradient, in UpdateRun run, double rate, long step)
        where TGradient : struct, IGradientSource;
}

/// <summary>The numbers that one call of an optimizer changes.</summary>
internal readonly unsafe ref struct UpdateRun
{
    /// <summary>The parameters before the step.</summary>
    public float* Parameters { get; init; }

    /// <summary>Receives the parameters after the step; other memory than <see cref="Parameters"/>.</summary>
    public float* NewParameters { get; init; }

    /// <summary>Bases of the flat state buffers, changed in place.</summary>
    public ReadOnlySpan<nint> State { get; init; }

    /// <summary>Where in the flat buffers the run begins.</summary>
    public long Offset { get; init; }

    /// <summary>Whether the new parameters may be stored past the cache: they are so many that nobody would find them there.</summary>
    public bool Streams { get; init; }

    /// <summary>How many numbers: a multiple of a cache line.</summary>
    public int Count { get; init; }

    /// <summary>The run's part of a state buffer.</summary>
    /// <param name="index">Its place among the names.</param>
    public float* StateAt(int index) => (float*)State[index] + Offset;
}
