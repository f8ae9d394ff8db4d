using System.Diagnostics;

namespace Lockstep.Fuzz;

/// <summary>What an input did that it must not.</summary>
/// <param name="Number">The input.</param>
/// <param name="What">In a sentence.</param>
/// <param name="Kind">The same for inputs that fail alike.</param>
/// <param name="Input">Its bytes.</param>
public sealed record Finding(long Number, string What, string Kind, byte[] Input);

/// <summary>Feeds numbered inputs to a target and watches what it does: its exceptions, the memory that it takes, and its time.</summary>
/// <param name="target">Whom to feed.</param>
/// <param name="seed">Another seed gives other inputs.</param>
public sealed class FuzzRun(FuzzTarget target, ulong seed = 1)
{
    /// <summary>No input may take longer; a hundred times of what the slowest takes on an idle machine. 20 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Mutator _mutator = new(target, seed);
    private long _number;
    private long _begun;

    /// <summary>Longest time that one input took.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>Most managed bytes that one input took.</summary>
    public long MostBytes { get; private set; }

    /// <summary>Inputs that were read to the end without a refusal.</summary>
    public long Accepted { get; private set; }

    /// <summary>Tries inputs; answers the first of each kind that failed.</summary>
    /// <param name="from">First number.</param>
    /// <param name="count">How many.</param>
    /// <param name="hangs">Told the number of an input that is not done in time, on another thread; the input goes on.</param>
    public IReadOnlyList<Finding> Try(long from, long count, Action<long>? hangs = null)
    {
        var found = new Dictionary<string, Finding>();
        using var watchdog = new Timer(_ => Look(hangs), null, Patience, Patience / 4);
        for (long number = from; number < from + count; number++)
        {
            Volatile.Write(ref _number, number);
            if (Try(number, _mutator.Make(number)) is { } finding)
                found.TryAdd(finding.Kind, finding);
        }
        Volatile.Write(ref _begun, 0);
        return [.. found.Values];
    }

    /// <summary>Tries one input, however it was made.</summary>
    public Finding? Try(long number, byte[] input)
    {
        byte[] kept = (byte[])input.Clone();
        long before = GC.GetAllocatedBytesForCurrentThread(), begun = Stopwatch.GetTimestamp();
        Volatile.Write(ref _begun, begun);
        Exception? thrown = null;
        try
        {
            target.Read(input);
            Accepted++;
        }
        catch (Exception e)
        {
            thrown = e;
        }
        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        (Slowest, MostBytes) = (took > Slowest ? took : Slowest, Math.Max(MostBytes, bytes));
        if (thrown is not null && !target.MayThrow(thrown))
            return new Finding(number, thrown.ToString(), $"{thrown.GetType().Name} {thrown.StackTrace?.Split('\n')[0]}", kept);
        return bytes > target.AllowedBytes + (target.BytesPerByte * kept.Length)
            ? new Finding(number, $"{bytes:N0} bytes were allocated for an input of {kept.Length:N0}", "memory", kept)
            : null;
    }

    private void Look(Action<long>? hangs)
    {
        long begun = Volatile.Read(ref _begun);
        if (begun != 0 && Stopwatch.GetElapsedTime(begun) > Patience)
            hangs?.Invoke(Volatile.Read(ref _number));
    }
}
