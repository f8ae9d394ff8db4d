using System.Globalization;
using System.Text;

namespace Lockstep.Chaos.Tests.Runs;

/// <summary>A job of a second or two.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Steps">How many steps.</param>
/// <param name="Yaml">The job file.</param>
public sealed record ChaosJob(string Name, int Steps, string Yaml)
{
    /// <summary>Two dense layers on the digits.</summary>
    public static readonly ChaosJob Mlp = new("mlp", 1_500, """
        name: mlp
        seed: 7
        data: { dataset: digits, transforms: [ scale: 1/16 ] }
        model: [ flatten, dense: { units: 24 }, relu, dense: { units: 10 } ]
        training: { loss: softmaxCrossEntropy, steps: 1500, batch: 32, shards: 16, optimizer: { sgd: { learningRate: 0.05, momentum: 0.9 } } }
        evaluation: { everyEpochs: 5, metrics: [accuracy, loss] }
        """);

    /// <summary>Convolutions with dropout, on crops that are drawn anew for each sample of each epoch.</summary>
    public static readonly ChaosJob LeNet = new("lenet", 900, """
        name: lenet
        seed: 7
        data: { dataset: digits, validation: { fraction: 0.2 }, transforms: [ scale: 1/16, subtractMean: perPixel, randomCrop: { size: 8, padding: 1 } ] }
        model:
          - conv2d: { filters: 4, kernel: 3, padding: 1 }
          - tanh
          - averagePool2d: { kernel: 2 }
          - flatten
          - dropout: { rate: 0.25 }
          - dense: { units: 16 }
          - tanh
          - dense: { units: 10 }
        training: { loss: softmaxCrossEntropy, steps: 900, batch: 32, shards: 8, optimizer: { sgd: { learningRate: 0.05, momentum: 0.9 } } }
        evaluation: { everyEpochs: 4, metrics: [accuracy] }
        """);

    /// <summary>An LSTM whose state is carried from chunk to chunk of a text.</summary>
    public static readonly ChaosJob Lstm = new("lstm", 1_200, """
        name: lstm
        seed: 3
        data: { text: { path: text.txt }, validation: { fraction: 0.2 } }
        model: [ embedding: { size: 6 }, lstm: { units: 9 }, dropout: { rate: 0.2 }, dense: { units: 12 } ]
        training:
          loss: softmaxCrossEntropy
          steps: 1200
          batch: 11
          shards: 16
          optimizer: { adam: { learningRate: 0.02 } }
          truncatedBptt: { steps: 5 }
          clip: { globalNorm: 1 }
        evaluation: { everySteps: 300, metrics: [bitsPerCharacter] }
        """);

    /// <summary>Writes the job file, and the text that it may name.</summary>
    public string WriteTo(string folder)
    {
        var text = new StringBuilder();
        for (int i = 0; text.Length < 2_000; i++)
            text.Append(CultureInfo.InvariantCulture, $"{(i * i * 37) % 1_009} {(i % 7 == 0 ? "\n" : "")}");
        File.WriteAllText(Path.Combine(folder, "text.txt"), text.ToString());
        string file = Path.Combine(folder, "job.yaml");
        File.WriteAllText(file, Yaml);
        return file;
    }

    public override string ToString() => Name;
}
