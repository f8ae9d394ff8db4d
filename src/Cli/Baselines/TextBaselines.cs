using Lockstep.Engine.Data;
using Lockstep.Engine.Functions;

namespace Lockstep.Cli.Baselines;

/// <summary>
/// n-gram models of a text, orders 1 to 8, judged on the very tokens that a model is judged by: every lane of the validation part begins without a past. Which order
/// to take is decided by the training part alone, of which the last tenth judges models of the rest.
/// </summary>
internal static class TextBaselines
{
    public const int HighestOrder = 8;

    private const double Ln2 = 0.6931471805599453;

    public static IReadOnlyList<Baseline> Of(DataSet training, DataSet validation)
    {
        int[] text = Joined(training);
        int[] rest = text[..(text.Length - (text.Length / 10))];
        double[] choosing = new WittenBell(rest, training.VocabularySize, HighestOrder).MeanLosses([text[rest.Length..]]);
        int chosen = Array.IndexOf(choosing, choosing.Min());
        double[] losses = new WittenBell(text, training.VocabularySize, HighestOrder).MeanLosses(Lanes(validation));
        return [.. losses.Select((loss, index) => new Baseline(
            $"{index + 1}-gram",
            [("loss", loss), ("bitsPerCharacter", loss / Ln2), ("perplexity", ScalarMath.Exp(loss))],
            index == chosen ? "chosen on the training part" : null))];
    }

    // Lanes are runs of one text, side by side, each with one token more than it has inputs: that with which the next one begins.
    private static int[] Joined(DataSet data)
    {
        int[][] lanes = [.. Lanes(data)];
        return [.. lanes.SelectMany(lane => lane[..^1]), lanes[^1][^1]];
    }

    private static unsafe IEnumerable<int[]> Lanes(DataSet data) => Enumerable.Range(0, data.Count).Select(lane =>
    {
        float first;
        data.CopyInputRun(lane, 0, 1, &first);
        return (int[])[(int)first, .. data.TargetClasses(lane)];
    });
}
