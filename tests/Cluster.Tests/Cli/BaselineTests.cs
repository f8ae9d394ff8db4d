using Lockstep.Cli.Baselines;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary><c>baseline</c>.</summary>
public sealed class BaselineTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    [Fact]
    public async Task The_naive_forecast_of_a_series_is_its_last_value()
    {
        // Rows 0 to 7 are the training part; the validation part is 20, 21, 25, 26 with windows of 2: 25 from 21 and 26 from 25.
        Write("1\n2\n4\n6\n8\n10\n12\n14\n20\n21\n25\n26\n", "window: 2", "{ fraction: 0.34 }");
        Assert.True(await _cli.RunAsync("baseline", Job) == 0, _cli.Error);
        // Errors 4 and 1; the training part's targets are 4 to 14, mean 9: errors 16 and 17.
        Assert.Equal(["samples 2 of", "no change      mse 8.5  mae 2.5", "training mean  mse 272.5  mae 16.5"], Lines());
    }

    [Fact]
    public async Task The_naive_forecast_of_differences_is_zero_and_the_training_part_alone_gives_the_mean()
    {
        Write("1\n2\n4\n6\n8\n10\n12\n14\n20\n21\n25\n26\n", "window: 1, difference: [x]", "{ fraction: 0.34 }");
        Assert.True(await _cli.RunAsync("baseline", Job) == 0, _cli.Error);
        // Changes 1, 4, 1 of which the first is an input: targets 4 and 1. Of the training part: targets 2 six times.
        Assert.Equal(["samples 2 of", "no change      mse 8.5  mae 2.5", "training mean  mse 2.5  mae 1.5"], Lines());
    }

    [Fact]
    public async Task Of_classes_it_is_the_most_frequent_one_of_the_training_part()
    {
        Assert.True(await _cli.RunAsync("baseline", _cli.JobFile) == 0, _cli.Error);
        Assert.Equal(["samples 360 of", "most frequent class  accuracy 0.1  (class 1 of 10 classes)"], Lines());
    }

    [Fact]
    public async Task Of_a_text_it_is_n_grams_judged_on_the_tokens_that_a_model_is_judged_on()
    {
        string text = string.Concat(Enumerable.Repeat("abcab", 80));
        _cli.Write("text.txt", text);
        _cli.Write("text.yaml", """
            name: text
            data: { text: { path: text.txt }, validation: { fraction: 0.25 } }
            model: [ embedding: { size: 4 }, rnn: { units: 4 }, dense: { units: 3 } ]
            training: { loss: softmaxCrossEntropy, epochs: 1, batch: 3, truncatedBptt: { steps: 4 }, optimizer: { sgd: { learningRate: 0.1 } } }
            """);
        Assert.True(await _cli.RunAsync("baseline", Path.Combine(_cli.Folder, "text.yaml")) == 0, _cli.Error);
        string[] lines = Lines();
        Assert.Equal(9, lines.Length);

        // Lanes of the parts as the engine cuts them: 300 and 100 tokens, 99 and 33 inputs each.
        int[] tokens = [.. text.Select(letter => letter - 'a')];
        int[] training = tokens[..(3 * 99 + 1)];
        for (int order = 1; order <= 8; order++)
        {
            double loss = Enumerable.Range(0, 3).SelectMany(lane => Enumerable.Range(1, 33).Select(i => -Math.Log(
                Naive(training, 3, order, tokens[(300 + (33 * lane))..(300 + (33 * lane) + i)], tokens[300 + (33 * lane) + i])))).Average();
            Assert.StartsWith(FormattableString.Invariant($"{order}-gram  loss {loss:G6}  bitsPerCharacter {loss / Math.Log(2):G6}  perplexity {Math.Exp(loss):G6}"), lines[order], StringComparison.Ordinal);
        }
        Assert.Single(lines, line => line.EndsWith("(chosen on the training part)", StringComparison.Ordinal));
    }

    [Fact]
    public void The_probabilities_of_all_tokens_add_up_to_one_at_every_order()
    {
        int[] text = [.. Enumerable.Range(0, 200).Select(i => i * i % 7)];
        var model = new WittenBell(text, vocabulary: 9, order: 4);
        foreach (int[] before in (int[][])[[], [1], [4, 2], [8, 8, 8], [0, 1, 4, 2]])
        {
            double[] sums = new double[4], each = new double[4];
            for (int token = 0; token < 9; token++)
            {
                model.Probabilities(before, token, each);
                for (int k = 0; k < 4; k++)
                    sums[k] += each[k];
            }
            Assert.All(sums, sum => Assert.Equal(1, sum, 1e-12));
        }
    }

    [Fact]
    public async Task A_job_without_validation_part_is_refused()
    {
        Write("1\n2\n4\n6\n", "window: 1", null);
        Assert.Equal(2, await _cli.RunAsync("baseline", Job));
        Assert.Contains("no validation part", _cli.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();

    private string Job => Path.Combine(_cli.Folder, "series.yaml");

    private void Write(string rows, string window, string? validation)
    {
        _cli.Write("series.csv", "x\n" + rows);
        _cli.Write("series.yaml", $$"""
            name: series
            data: { csv: { path: series.csv, inputs: [x], targets: [x], {{window}} } {{(validation is null ? "" : $", validation: {validation}")}} }
            model: [ flatten, dense: { units: 1 } ]
            training: { loss: l2, epochs: 1, batch: 2, optimizer: { sgd: { learningRate: 0.1 } } }
            """);
    }

    private string[] Lines()
    {
        string[] lines = _cli.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.StartsWith("samples ", lines[0], StringComparison.Ordinal);
        return [string.Join(' ', lines[0].Split(' ')[..3]), .. lines[1..]];
    }

    // Counts anew for every token, as the definition reads.
    private static double Naive(int[] text, int vocabulary, int order, int[] before, int token)
    {
        if (order == 0)
            return 1.0 / vocabulary;
        double lower = Naive(text, vocabulary, order - 1, before, token);
        if (before.Length < order - 1)
            return lower;
        int[] history = before[^(order - 1)..];
        int[] followers = [.. Enumerable.Range(history.Length, text.Length - history.Length).Where(i => text.AsSpan(i - history.Length, history.Length).SequenceEqual(history)).Select(i => text[i])];
        return followers.Length == 0 ? lower : (followers.Count(seen => seen == token) + (followers.Distinct().Count() * lower)) / (followers.Length + followers.Distinct().Count());
    }
}
