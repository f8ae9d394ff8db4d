namespace Lockstep.Jobs.Tests;

/// <summary>Small job files to bend.</summary>
internal static class JobTexts
{
    /// <summary>All layers, as messages list them.</summary>
    public const string Layers =
        "dense, perceptron, relu, leakyRelu, sigmoid, tanh, softmax, identity, flatten, "
        + "conv2d, locallyConnected2d, transposedConv2d, timeDelay, maxPool2d, averagePool2d, localResponseNorm, dropout, batchNorm, "
        + "rnn, lstm, gru, embedding, lastStep, repeat";

    public const string Minimal = """
        data: { dataset: digits }
        model:
          - flatten
          - dense: { units: 10 }
        training:
          loss: softmaxCrossEntropy
          epochs: 2
          batch: 32
          optimizer: { sgd: { learningRate: 0.1 } }

        """;

    public static Job Parse(string text) => JobFile.Parse(text, "job.yaml");

    /// <summary>The minimal job with one part replaced by another.</summary>
    public static string With(string part, string replacement)
    {
        Assert.Contains(part, Minimal);
        return Minimal.Replace(part, replacement);
    }

    public static IReadOnlyList<JobFault> Faults(string text) =>
        Assert.Throws<JobFaultException>(() => Parse(text)).Faults;

    public static JobFault Fault(string text) => Assert.Single(Faults(text));
}
