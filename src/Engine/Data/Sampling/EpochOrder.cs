using Lockstep.Engine.Randomness;

namespace Lockstep.Engine.Data.Sampling;

/// <summary>
/// Which sample comes at which position of an epoch: a function of (seed, epoch) alone, or the file's order. The
/// permutation of the epoch that was asked for last is kept. Any number of threads may ask.
/// </summary>
public sealed class EpochOrder
{
    private readonly ulong _seed;
    private readonly bool _shuffle;
    private volatile Epoch? _current;

    /// <param name="seed">The job's seed.</param>
    /// <param name="count">How many samples there are.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own.</param>
    public EpochOrder(ulong seed, int count, bool shuffle)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _seed = seed;
        _shuffle = shuffle;
        Count = count;
    }

    /// <summary>How many samples an epoch has.</summary>
    public int Count { get; }

    /// <summary>The samples at a run of positions of an epoch.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="first">The first position, from 0.</param>
    /// <param name="samples">Filled with the samples of the positions from <paramref name="first"/> on.</param>
    public void Fill(long epoch, int first, Span<int> samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samples.Length, Count - first);
        if (_shuffle)
        {
            Permutation(epoch).AsSpan(first, samples.Length).CopyTo(samples);
            return;
        }
        for (int i = 0; i < samples.Length; i++)
            samples[i] = first + i;
    }

    /// <summary>The sample at one position of an epoch.</summary>
    public int SampleAt(long epoch, int position)
    {
        Span<int> sample = stackalloc int[1];
        Fill(epoch, position, sample);
        return sample[0];
    }

    private int[] Permutation(long epoch)
    {
        Epoch? current = _current;
        if (current is null || current.Number != epoch)
            _current = current = new Epoch(epoch, Randomness.Permutation.OfEpoch(_seed, epoch, Count));
        return current.Samples;
    }

    private sealed record Epoch(long Number, int[] Samples);
}
