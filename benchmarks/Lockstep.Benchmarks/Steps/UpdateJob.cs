using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Threading;

namespace Lockstep.Benchmarks.Steps;

/// <summary>Mean and squares of every block of the gradient, the blocks shared out among the threads.</summary>
internal unsafe struct PreparationJob : ICrewJob
{
    public UpdateRule Rule;
    public ParameterLayout Layout;
    public float* Gradient;
    public float* Parameters;
    public long Divisor;
    public long Samples;
    public double[] Squares;

    public readonly void Execute(int member, int members)
    {
        for (int i = member; i < Layout.Blocks.Count; i += members)
        {
            ParameterBlock block = Layout.Blocks[i];
            Squares[i] = Rule.Prepare(block, Gradient + block.Offset, Divisor, Samples, Parameters);
        }
    }
}

/// <summary>The optimizer on every block, the blocks shared out among the threads.</summary>
internal unsafe struct UpdateJob : ICrewJob
{
    public UpdateRule Rule;
    public ParameterLayout Layout;
    public ClipDecision Clip;
    public long Step;
    public float* Gradient;
    public float* Parameters;
    public float* NewParameters;

    public readonly void Execute(int member, int members)
    {
        for (int i = member; i < Layout.Blocks.Count; i += members)
        {
            ParameterBlock block = Layout.Blocks[i];
            if (!Rule.Apply(block, Gradient + block.Offset, Clip, Step, Parameters, NewParameters, []))
                throw new InvalidOperationException($"The update of step {Step} is not finite.");
        }
    }
}

/// <summary>Mean, squares and optimizer in one go, where nothing of the update depends on the norm over all blocks; the blocks shared out among the threads.</summary>
internal unsafe struct BlockwiseUpdateJob : ICrewJob
{
    public UpdateRule Rule;
    public ParameterLayout Layout;
    public long Step;
    public float* Gradient;
    public float* Parameters;
    public float* NewParameters;
    public long Divisor;
    public long Samples;
    public double[] Squares;

    public readonly void Execute(int member, int members)
    {
        for (int i = member; i < Layout.Blocks.Count; i += members)
        {
            ParameterBlock block = Layout.Blocks[i];
            Squares[i] = Rule.PrepareAndApply(
                block, new GradientSum(Gradient + block.Offset), Divisor, Samples, Step, Parameters, NewParameters, [], out bool isFinite);
            if (!isFinite)
                throw new InvalidOperationException($"The update of step {Step} is not finite.");
        }
    }
}
