namespace Lockstep.Engine.Threading;

/// <summary>A run of items, from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
public readonly record struct WorkRange(long Start, long End)
{
    /// <summary>How many items.</summary>
    public long Count => End - Start;

    /// <summary>The part of <paramref name="count"/> items that falls to one of several parties; parts differ by one item at most.</summary>
    public static WorkRange Of(long count, int part, int parts) => new(count * part / parts, count * (part + 1) / parts);

    /// <summary>The same, but cut only at multiples of <paramref name="grain"/>, so that parties do not share cache lines.</summary>
    public static WorkRange Of(long count, int part, int parts, int grain)
    {
        WorkRange grains = Of((count + grain - 1) / grain, part, parts);
        return new WorkRange(Math.Min(count, grains.Start * grain), Math.Min(count, grains.End * grain));
    }
}
