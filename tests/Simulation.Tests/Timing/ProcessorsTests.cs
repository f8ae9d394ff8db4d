using Lockstep.Simulation.Timing;

namespace Lockstep.Simulation.Tests.Timing;

public sealed class ProcessorsTests
{
    private readonly EventQueue _events = new();
    private readonly Dictionary<string, double> _ends = [];

    [Fact]
    public void Threads_share_a_processor_equally()
    {
        var processors = new Processors(_events, 1);
        Run(processors, "short", 1, Priority.Network);
        Run(processors, "long", 2, Priority.Network);
        RunAll();
        Assert.Equal(2, _ends["short"], 9);
        Assert.Equal(3, _ends["long"], 9);
    }

    [Fact]
    public void A_thread_never_runs_faster_than_one_processor()
    {
        Run(new Processors(_events, 8), "alone", 2, Priority.Network);
        RunAll();
        Assert.Equal(2, _ends["alone"], 9);
    }

    [Fact]
    public void Computing_takes_what_the_network_leaves()
    {
        var processors = new Processors(_events, 1);
        Run(processors, "compute", 1, Priority.Compute);
        _events.At(0.5, () => Run(processors, "network", 2, Priority.Network));
        RunAll();
        Assert.Equal(2.5, _ends["network"], 9);
        Assert.Equal(3, _ends["compute"], 9);
    }

    [Fact]
    public void Several_threads_for_one_piece_of_work_need_as_many_processors()
    {
        var processors = new Processors(_events, 3);
        Run(processors, "crew", 1, Priority.Network, width: 4);
        Run(processors, "other", 1, Priority.Network, width: 2);
        RunAll();
        // Six threads on three processors, each at half its speed.
        Assert.Equal(2, _ends["crew"], 9);
        Assert.Equal(2, _ends["other"], 9);
    }

    [Fact]
    public void A_thread_works_in_order_and_is_woken_once_for_a_queue()
    {
        var thread = new SerialThread(_events, new Processors(_events, 4), Activity.Sums, Priority.Network, wakeSeconds: 0.25);
        var ends = new List<Moment>();
        thread.Post(new Moment(0), 1, ends.Add);
        thread.Post(new Moment(0), 2, ends.Add);
        RunAll();
        Assert.Equal([1.25, 3.25], ends.Select(end => end.Seconds));
        Assert.Equal(3, ends[1].TimeOf(Activity.Sums), 9);
        Assert.Equal(0.25, ends[1].TimeOf(Activity.Latency), 9);
    }

    [Fact]
    public void A_link_carries_one_frame_after_the_other_and_what_waited_counts_as_its_time()
    {
        var link = new Link(100, Activity.CoordinatorLinkIn);
        link.Carry(new Moment(0), 100);
        (Moment first, Moment last) = link.Carry(new Moment(0).After(0.5, Activity.Compute), 200);
        Assert.Equal(1, first.Seconds, 9);
        Assert.Equal(3, last.Seconds, 9);
        Assert.Equal(3, last.TimeOf(Activity.CoordinatorLinkIn), 9);
        Assert.Equal(300, link.Bytes);
    }

    private void Run(Processors processors, string name, double seconds, Priority priority, int width = 1) =>
        processors.Run(seconds, width, priority, () => _ends[name] = _events.Now);

    private void RunAll()
    {
        while (_events.Next())
        {
        }
    }
}
