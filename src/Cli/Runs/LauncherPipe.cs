using Lockstep.Cli.Exits;
using Lockstep.Launch;

namespace Lockstep.Cli.Runs;

/// <summary>A launched process ends with its launcher, whose end it sees by its standard input.</summary>
internal static class LauncherPipe
{
    /// <summary>How long it may take to end in good order after its launcher has gone. 5 s.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Watches the pipe on a thread of its own.</summary>
    /// <param name="time">For the bound.</param>
    /// <param name="leave">Asks the process to end in good order.</param>
    public static void EndWith(TimeProvider time, Action leave)
    {
        ITimer? bound = null;
        ParentPipe.Watch(Console.OpenStandardInput(), () =>
        {
            // The timer is kept alive by this closure's owner, the watching thread's stack, until it fires or the process ends first.
            bound = time.CreateTimer(_ => Environment.Exit(ExitCode.FailedRun), null, Grace, Timeout.InfiniteTimeSpan);
            try
            {
                leave();
            }
            catch (ObjectDisposedException)
            {
                // The work has just ended by itself.
            }

            GC.KeepAlive(bound);
        });
    }
}
