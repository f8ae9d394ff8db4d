using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Terms;
using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using Lockstep.WorkerNode.Scheduling;

namespace Lockstep.Coordinator.Tests.Model;

/// <summary>A version on its way to a worker.</summary>
internal sealed record ModelVersion(RunId Run, long Term, long Step, ulong Model, int View);

/// <summary>A contribution on its way to a coordinator.</summary>
internal sealed record ModelMessage(ModelSession From, ContributionKey Key, float Value, ulong Checksum)
{
    public override string ToString() => $"{From.Incarnation}>{From.Lead.Number} {Key.Run.Value}/{Key.Term}/{Key.Step}/{Key.Channel} {Key.FirstLeaf}+{Key.Leaves} {BitConverter.SingleToUInt32Bits(Value):x}";
}

/// <summary>A run directory: what is left when the machine loses its power.</summary>
internal sealed class ModelDisk
{
    public long Term { get; set; }

    public (long Step, ulong Model) Checkpoint { get; set; } = (0, ModelTraining.First);

    /// <summary>The step log: step and loss.</summary>
    public List<(long Step, uint Loss)> Log { get; private init; } = [];

    /// <summary>Lines that a loss of power would spare.</summary>
    public int Synced { get; set; }

    /// <summary>A standby's own directory: the newest checkpoint, and the lines before it.</summary>
    public ModelDisk Replicate(long term) => new()
    {
        Term = term,
        Checkpoint = Checkpoint,
        Log = [.. Log.Where(line => line.Step < Checkpoint.Step)],
    };
}

internal enum LeadState
{
    Leading = 0,
    Crashed = 1,
    StoodDown = 2,
    Failed = 3,
    Finished = 4,
}

/// <summary>A coordinator: the product's term, planner and ledger, and what its actor and its parameter server keep beside them.</summary>
internal sealed class ModelLead
{
    private static readonly RunId Run = new(7);

    public ModelLead(int number, ModelDisk disk, int shards)
    {
        (Number, Disk) = (number, disk);
        // The numbers are in order, so that of two at one term the one that came first stays.
        Terms = new TermAuthority(disk.Term, term => disk.Term = term, new Guid(number, 0, 0, new byte[8]));
        (Step, Model) = disk.Checkpoint;
        foreach ((long step, uint loss) in disk.Log.Where(line => line.Step >= Step))
            Replayed[step] = loss;
        disk.Log.RemoveAll(line => line.Step >= Step);
        disk.Synced = disk.Log.Count;
        Planner = new ViewPlanner(shards);
    }

    public int Number { get; }

    public ModelDisk Disk { get; }

    public TermAuthority Terms { get; }

    public ViewPlanner Planner { get; }

    public StepLedger<TracedSum>? Ledger { get; private set; }

    public LeadState State { get; set; }

    public string Reason { get; set; } = "";

    public long Step { get; set; }

    public ulong Model { get; set; }

    public long Incarnations { get; set; }

    public int NewestView { get; set; }

    public Dictionary<long, uint> Replayed { get; } = [];

    public HashSet<long> Decided { get; } = [];

    public List<ModelSession> Sessions { get; } = [];

    /// <summary>Snapshots that wait for the disk.</summary>
    public Queue<(long Step, ulong Model)> Snapshots { get; } = [];

    /// <summary>Keys that came for the present step, and the sums that are in it.</summary>
    public SortedSet<string> Arrived { get; } = [];

    public List<TracedSum> Sums { get; } = [];

    /// <summary>Whether somebody goes on from its directory.</summary>
    public bool IsSucceeded { get; set; }

    public void Begin(ModelTraining training)
    {
        Ledger = new StepLedger<TracedSum>(Run, Terms.Seal().Term, training.Channels, training.Shards, _ => new TracingArithmetic());
        if (Step < training.Steps)
            Ledger.Open(Step, training.WorkOf(Step));
    }

    public ModelVersion Present() => new(Run, Ledger!.Term, Step, Model, Planner.At(Step)?.Number ?? 0);
}

internal enum SessionStage
{
    Receiving = 0,
    Computing = 1,
    Gone = 2,
}

/// <summary>One incarnation of a worker: the product's schedule, and what is on its way to it.</summary>
internal sealed class ModelSession(long incarnation, ModelLead lead, ModelProcess process, RunId run, long term, int shards)
{
    public long Incarnation => incarnation;

    public ModelLead Lead => lead;

    public ModelProcess Process => process;

    public Allegiance Allegiance { get; } = new(run, term);

    public NodeSchedule Schedule { get; } = new(incarnation, shards);

    /// <summary>Whether the connection stands.</summary>
    public bool IsConnected { get; set; } = true;

    /// <summary>What the coordinator makes of it.</summary>
    public SessionStage Stage { get; set; }

    /// <summary>Whether it has said that it holds a version, and the coordinator has not heard it yet.</summary>
    public bool HoldOnItsWay { get; set; }

    public ModelVersion? Held { get; set; }

    public Queue<ModelVersion> Versions { get; } = [];

    public List<ViewPublished> Views { get; } = [];

    public List<ViewPublished> Seen { get; } = [];

    public List<TreeNode> Done { get; } = [];
}

/// <summary>A worker's process.</summary>
internal sealed class ModelProcess(int number)
{
    public int Number => number;

    /// <summary>The coordinator that it followed last.</summary>
    public CoordinatorTerm Known { get; set; }

    public ModelSession? Session { get; set; }

    public bool IsDone { get; set; }

    /// <summary>Views of coordinators before that have not come yet.</summary>
    public List<ViewPublished> LateViews { get; } = [];
}
