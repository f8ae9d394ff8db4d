namespace Lockstep.Engine.Layers;

/// <summary>
/// Which rows of a gradient's parameters the passes so far have left other than zero, kept beside memory that only passes write to. Of a large vocabulary a
/// minibatch has few tokens: with this, the other rows, which are zero already, are not even read.
/// </summary>
public sealed class WrittenRows
{
    private readonly Dictionary<long, Rows> _rows = [];

    /// <summary>Somebody else has written to the memory: nothing is known of it any more.</summary>
    public void Forget()
    {
        foreach (Rows rows in _rows.Values)
            rows.AreKnown = false;
    }

    /// <summary>The rows of one parameter.</summary>
    /// <param name="offset">Where it lies in the memory.</param>
    /// <param name="most">The most rows that a pass writes.</param>
    internal Rows Of(long offset, int most)
    {
        if (!_rows.TryGetValue(offset, out Rows? rows) || rows.Numbers.Length < most)
            _rows[offset] = rows = new Rows(most);
        return rows;
    }

    internal sealed class Rows(int most)
    {
        /// <summary>Whether all other rows are known to be zero.</summary>
        public bool AreKnown { get; set; }

        public int[] Numbers { get; } = new int[most];

        public int Count { get; set; }
    }
}
