using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Links;
using Lockstep.Chaos.Schedules;

namespace Lockstep.Chaos.Driving;

/// <summary>Makes the faults that are done to bytes between one worker and the coordinator.</summary>
/// <param name="link">What stands between them.</param>
/// <param name="lasting">Gets what ends by itself.</param>
/// <param name="last">Ends something after a while.</param>
internal sealed class LinkFaults(FaultyLink link, List<Task> lasting, Func<TimeSpan, Action, CancellationToken, Task> last)
{
    /// <summary>Begins one.</summary>
    /// <param name="fault">Which.</param>
    /// <param name="struck">Called when it strikes.</param>
    /// <param name="end">The end of the run.</param>
    public void Begin(PlannedFault fault, Action struck, CancellationToken end)
    {
        LinkWeather[] ways = fault.Direction switch
        {
            LinkDirection.ToCoordinator => [link.ToCoordinator],
            LinkDirection.ToWorker => [link.ToWorker],
            _ => [link.ToCoordinator, link.ToWorker],
        };
        if (fault.Kind is FaultKind.Cut or FaultKind.Duplicate or FaultKind.Flip)
        {
            lasting.Add(AwaitAsync(ways[0].Strike(StrokeOf(fault.Kind), fault.Amount, fault.Bit), struck, end));
            return;
        }
        struck();
        IDisposable[] weather = [.. ways.Select(way => Begin(way, fault))];
        lasting.Add(last(TimeSpan.FromMilliseconds(fault.Milliseconds), () => Array.ForEach(weather, one => one.Dispose()), end));
    }

    private static IDisposable Begin(LinkWeather way, PlannedFault fault) => fault.Kind switch
    {
        FaultKind.Delay => way.Delay(TimeSpan.FromMilliseconds(fault.Amount)),
        FaultKind.Throttle => way.Throttle(fault.Amount),
        FaultKind.Partition => way.Hold(),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, "This is done to no bytes."),
    };

    private static LinkWeather.StrokeKind StrokeOf(FaultKind kind) => kind switch
    {
        FaultKind.Cut => LinkWeather.StrokeKind.Cut,
        FaultKind.Duplicate => LinkWeather.StrokeKind.Duplicate,
        _ => LinkWeather.StrokeKind.Flip,
    };

    private static async Task AwaitAsync(Task stroke, Action struck, CancellationToken end)
    {
        try
        {
            await stroke.WaitAsync(end).ConfigureAwait(false);
            struck();
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
