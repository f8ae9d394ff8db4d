using Lockstep.Engine.Memory;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.Messages;
using Lockstep.WorkerNode.Parameters;
using Lockstep.WorkerNode.Scheduling;

namespace Lockstep.WorkerNode.Tests.Scheduling;

public sealed class WorkBoardTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<long> _released = [];
    private readonly WorkBoard _board;

    public WorkBoardTests() => _board = new WorkBoard(new NodeSchedule(1, 8), version => _released.Add(version.Version));

    public void Dispose() => _board.Dispose();

    [Fact]
    public void Work_is_the_newest_version_with_the_nodes_of_its_view()
    {
        Assert.True(_board.Add(View(1, 0, 8)));
        _board.Offer(Version(0));
        Assignment work = _board.Next()!;
        Assert.Equal((0L, true), (work.Version.Version, work.IsFirstOfStep));
        Assert.Equal([new TreeNode(0, 8)], work.Nodes);
        _board.Offer(Version(1));
        Assert.Equal(1, _board.Next()!.Version.Version);
        Assert.Equal([0L], _released);
    }

    [Fact]
    public void A_version_that_nobody_began_is_let_go_when_a_newer_one_is_whole()
    {
        _board.Add(View(1, 0, 8));
        _board.Offer(Version(0));
        _board.Offer(Version(2));
        Assert.Equal(2, _board.Next()!.Version.Version);
        Assert.Equal([0L], _released);
    }

    [Fact]
    public void The_first_block_of_a_newer_version_cancels_what_is_computed()
    {
        _board.Add(View(1, 0, 8));
        _board.Offer(Version(0));
        Assignment work = _board.Next()!;
        _board.Supersede(0);
        Assert.False(work.Superseded.IsCancellationRequested);
        _board.Supersede(1);
        Assert.True(work.Superseded.IsCancellationRequested);
    }

    [Fact]
    public async Task A_worker_that_stood_still_finds_its_work_cancelled_and_goes_on_with_the_present_step_and_its_view()
    {
        _board.Add(View(1, 0, 8));
        _board.Offer(Version(5));
        Assignment work = _board.Next()!;
        // What came while it stood still: its nodes were given to others, and of the later steps it has one leaf.
        _board.Supersede(6);
        _board.Offer(Version(6));
        _board.Supersede(60);
        _board.Offer(Version(60, view: 3));
        Assert.True(work.Superseded.IsCancellationRequested);
        Task<Assignment?> waiting = Task.Factory.StartNew(_board.Next, TaskCreationOptions.LongRunning);
        _board.Add(View(2, 0, 8, fromStep: 5));
        Assert.False(waiting.IsCompleted);
        _board.Add(View(3, 7, 1, fromStep: 6));
        Assignment next = (await waiting.WaitAsync(Patience))!;
        Assert.Equal((60L, true), (next.Version.Version, next.IsFirstOfStep));
        Assert.Equal([new TreeNode(7, 1)], next.Nodes);
        Assert.False(next.Superseded.IsCancellationRequested);
        Assert.Equal([5L, 6L], _released.Order());
    }

    [Fact]
    public async Task A_waiting_engine_is_woken_by_a_view_and_by_the_end()
    {
        _board.Offer(Version(0));
        Task<Assignment?> waiting = Task.Factory.StartNew(_board.Next, TaskCreationOptions.LongRunning);
        _board.Add(View(1, 0, 4));
        Assert.Equal([new TreeNode(0, 4)], (await waiting.WaitAsync(Patience))!.Nodes);
        waiting = Task.Factory.StartNew(_board.Next, TaskCreationOptions.LongRunning);
        _board.Stop();
        Assert.Null(await waiting.WaitAsync(Patience));
    }

    [Fact]
    public void A_view_that_gives_out_what_is_no_node_is_not_taken()
    {
        Assert.False(_board.Add(new ViewPublished(1, 1, 1, 0, [new WorkerShare(1, [new LeafRun(1, 2)])])));
        Assert.True(_board.Add(View(1, 0, 8)));
    }

    private static ViewPublished View(int number, int first, int count, long fromStep = 0) => new(1, 1, number, fromStep, [new WorkerShare(1, [new LeafRun(first, count)])]);

    private static HeldVersion Version(long version, int view = 0) => new(version, view, new FloatBuffer(1));
}
