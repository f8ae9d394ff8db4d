namespace Lockstep.Chaos.Faults;

/// <summary>The kinds of faults: their names, what each says of itself, and how far its numbers may go.</summary>
public static class FaultCatalogue
{
    /// <summary>The word for all kinds that are possible.</summary>
    public const string All = "all";

    private static readonly Entry[] Entries =
    [
        new(FaultKind.Kill, "kill", FaultFields.Target, 0, 0),
        new(FaultKind.Pause, "pause", FaultFields.Target | FaultFields.Milliseconds, 0, 0),
        new(FaultKind.Slow, "slow", FaultFields.Target | FaultFields.Milliseconds | FaultFields.Amount, 1, 99),
        new(FaultKind.Join, "join", FaultFields.None, 0, 0),
        new(FaultKind.Throw, "throw", FaultFields.Target | FaultFields.Place, 0, 0),
        new(FaultKind.CoordinatorKill, "coordinator-kill", FaultFields.Milliseconds, 0, 0),
        new(FaultKind.Cut, "cut", FaultFields.Target | FaultFields.Direction | FaultFields.Amount, 0, int.MaxValue),
        new(FaultKind.Delay, "delay", FaultFields.Target | FaultFields.Direction | FaultFields.Milliseconds | FaultFields.Amount, 1, 10_000),
        new(FaultKind.Throttle, "throttle", FaultFields.Target | FaultFields.Direction | FaultFields.Milliseconds | FaultFields.Amount, 1_000, int.MaxValue),
        new(FaultKind.Duplicate, "duplicate", FaultFields.Target | FaultFields.Direction | FaultFields.Amount, 0, int.MaxValue),
        new(FaultKind.Flip, "flip", FaultFields.Target | FaultFields.Direction | FaultFields.Amount | FaultFields.Bit, 0, int.MaxValue),
        new(FaultKind.Partition, "partition", FaultFields.Target | FaultFields.Direction | FaultFields.Milliseconds, 0, 0),
        new(FaultKind.FullDisk, "full-disk", FaultFields.Milliseconds, 0, 0),
        new(FaultKind.CheckpointDamage, "checkpoint-damage", FaultFields.Milliseconds | FaultFields.Amount | FaultFields.Bit, 0, int.MaxValue),
        new(FaultKind.Clock, "clock", FaultFields.Amount, -MostSeconds, MostSeconds),
        new(FaultKind.NonFinite, "non-finite", FaultFields.Target | FaultFields.Place, 0, 0),
        new(FaultKind.Takeover, "takeover", FaultFields.None, 0, 0),
    ];

    /// <summary>The most seconds that a clock jumps: ten years.</summary>
    public const int MostSeconds = 315_360_000;

    /// <summary>The longest that a fault lasts: a minute.</summary>
    public const int MostMilliseconds = 60_000;

    /// <summary>All kinds, in the order of the list.</summary>
    public static IReadOnlyList<FaultKind> Kinds { get; } = [.. Entries.Select(entry => entry.Kind)];

    /// <summary>The kind's name, as in <c>--faults</c> and in files.</summary>
    public static string NameOf(FaultKind kind) => Of(kind).Name;

    /// <summary>What a fault of the kind says of itself.</summary>
    public static FaultFields FieldsOf(FaultKind kind) => Of(kind).Fields;

    /// <summary>The least and the most that a fault's amount may be.</summary>
    public static (int Least, int Most) AmountOf(FaultKind kind) => (Of(kind).LeastAmount, Of(kind).MostAmount);

    /// <summary>The kind of a name; null where there is none.</summary>
    public static FaultKind? Find(string name) => Entries.FirstOrDefault(entry => entry.Name == name)?.Kind;

    /// <summary>Whether the fault is made to the bytes between a worker and the coordinator, which then go through a proxy.</summary>
    public static bool IsOfLink(FaultKind kind) => kind is >= FaultKind.Cut and <= FaultKind.Partition;

    /// <summary>Whether the process makes it to itself, as it was told when it was started.</summary>
    public static bool IsInjected(FaultKind kind) => kind is FaultKind.Throw or FaultKind.NonFinite;

    /// <summary>
    /// Whether the fault can be made to a run that has a standby: others want their coordinator to be resumed, or a proxy that workers leave when they follow the standby.
    /// </summary>
    public static bool GoesWithStandby(FaultKind kind) =>
        kind is FaultKind.Kill or FaultKind.Pause or FaultKind.Slow or FaultKind.Join or FaultKind.Throw or FaultKind.Takeover;

    /// <summary>Reads a list such as <c>kill,pause</c> or <c>all</c>.</summary>
    /// <exception cref="FormatException">A name is no fault's; the message lists those that there are.</exception>
    public static IReadOnlySet<FaultKind> Parse(string list)
    {
        var kinds = new SortedSet<FaultKind>();
        foreach (string name in list.Split(',', StringSplitOptions.TrimEntries))
        {
            if (name == All)
                kinds.UnionWith(Kinds);
            else
                kinds.Add(Find(name) ?? throw new FormatException($"'{name}' is no fault. There are: {string.Join(", ", Entries.Select(entry => entry.Name))}; or {All}."));
        }
        return kinds;
    }

    private static Entry Of(FaultKind kind) => Entries[(int)kind];

    private sealed record Entry(FaultKind Kind, string Name, FaultFields Fields, int LeastAmount, int MostAmount);
}
