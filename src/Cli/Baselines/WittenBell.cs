using Lockstep.Engine.Functions;

namespace Lockstep.Cli.Baselines;

/// <summary>
/// n-gram models with interpolated Witten-Bell smoothing: Pₖ(w|h) = (c(h,w) + t(h)·Pₖ₋₁(w|h′))/(c(h) + t(h)), where h are the k − 1 tokens before, h′ those without the
/// first, c counts in the training text, and t(h) is the number of different tokens after h; P₀ = 1/V. Where h never occurs Pₖ = Pₖ₋₁. (Witten and Bell, IEEE
/// Transactions on Information Theory 37, 1991; the form of Chen and Goodman, Computer Speech and Language 13, 1999, section 2.)
/// </summary>
/// <param name="text">The training text.</param>
/// <param name="vocabulary">V, how many tokens there are.</param>
/// <param name="order">n, the highest order.</param>
internal sealed class WittenBell(int[] text, int vocabulary, int order)
{
    private readonly NgramTree _tree = new(text, order);

    /// <summary>The mean of −ln Pₖ over all tokens but the first of each text, for k = 1 … n.</summary>
    /// <param name="texts">Texts that do not know of each other.</param>
    public double[] MeanLosses(IEnumerable<int[]> texts)
    {
        double[] sums = new double[order], probabilities = new double[order];
        long count = 0;
        foreach (int[] judged in texts)
        {
            for (int i = 1; i < judged.Length; i++, count++)
            {
                Probabilities(judged.AsSpan(0, i), judged[i], probabilities);
                for (int k = 0; k < order; k++)
                    sums[k] -= ScalarMath.Log(probabilities[k]);
            }
        }
        return [.. sums.Select(sum => sum / count)];
    }

    /// <summary>P₁ … Pₙ of a token.</summary>
    /// <param name="before">The tokens before it; those further back than n − 1 make no difference.</param>
    /// <param name="token">The token.</param>
    /// <param name="probabilities">[n].</param>
    public void Probabilities(ReadOnlySpan<int> before, int token, Span<double> probabilities)
    {
        double probability = 1.0 / vocabulary;
        for (int length = 0; length < order; length++)
        {
            int history = length <= before.Length ? Find(before[^length..]) : -1;
            if (history >= 0 && _tree.Followers(history) > 0)
            {
                int child = _tree.Child(history, token), different = _tree.DifferentFollowers(history);
                double seen = child < 0 ? 0 : _tree.CountOf(child);
                probability = (seen + (different * probability)) / ((double)_tree.Followers(history) + different);
            }
            probabilities[length] = probability;
        }
    }

    private int Find(ReadOnlySpan<int> run)
    {
        int node = 0;
        for (int i = 0; i < run.Length && node >= 0; i++)
            node = _tree.Child(node, run[i]);
        return node;
    }
}
