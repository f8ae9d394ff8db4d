namespace Lockstep.Cli.Baselines;

/// <summary>
/// How often each run of up to n tokens occurs in a text, as a tree: a node is a run of tokens, its children the runs that are one token longer. The root, node 0, is
/// the empty run.
/// </summary>
internal sealed class NgramTree
{
    private const int TokenBits = 24;

    private readonly Dictionary<long, int> _children = [];
    private readonly List<int> _counts = [0];
    private readonly List<int> _followers = [0];
    private readonly List<int> _different = [0];

    /// <param name="text">Tokens from 0 to 2²⁴ − 1.</param>
    /// <param name="order">n, the longest run.</param>
    public NgramTree(ReadOnlySpan<int> text, int order)
    {
        for (int start = 0; start < text.Length; start++)
        {
            int node = 0;
            foreach (int token in text[start..Math.Min(start + order, text.Length)])
                node = Count(node, token);
        }
    }

    /// <summary>The node of a run and one token more; −1 where it does not occur.</summary>
    public int Child(int node, int token) => _children.GetValueOrDefault(Key(node, token), -1);

    /// <summary>How often a run occurs.</summary>
    public int CountOf(int node) => _counts[node];

    /// <summary>How often a run is followed by a token.</summary>
    public int Followers(int node) => _followers[node];

    /// <summary>How many different tokens follow a run.</summary>
    public int DifferentFollowers(int node) => _different[node];

    private static long Key(int node, int token) => ((long)node << TokenBits) | (uint)token;

    private int Count(int node, int token)
    {
        ref int child = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_children, Key(node, token), out bool known);
        if (!known)
        {
            child = _counts.Count;
            _counts.Add(0);
            _followers.Add(0);
            _different.Add(0);
            _different[node]++;
        }
        _counts[child]++;
        _followers[node]++;
        return child;
    }
}
