using System.Globalization;
using CsCheck;

namespace Lockstep.Jobs.Tests;

/// <summary>Texts of valid jobs that use all of the format.</summary>
internal static class JobGenerator
{
    private static readonly Gen<string> Positive = Gen.OneOf(
        Gen.Float[1e-30f, 1e30f].Select(value => ((double)value).ToString("R", CultureInfo.InvariantCulture)),
        Gen.Double[1e-6, 1e6].Select(value => value.ToString("E5", CultureInfo.InvariantCulture)),
        Gen.Int[1, 99].Select(value => $"{value}/255"),
        Gen.Int[1, 1000].Select(value => $"{value}"));

    private static readonly Gen<string> Part = Gen.OneOf(
        Gen.Double[0.001, 0.999].Select(value => value.ToString("R", CultureInfo.InvariantCulture)),
        Gen.Int[2, 99].Select(value => $"1/{value}"));

    private static readonly Gen<string> Boolean = Words("true", "False", "TRUE", "false");

    /// <summary>Text with what must be quoted, escaped or left alone.</summary>
    private static readonly Gen<string> Text = Gen.OneOf(
        Words("null", "1e5", "- x", "a: b", "#c", "~", "\u2028x", "\ufeffy", "tr\u00a0ue", "ä/ö.csv", "🙂", "...", "---", "a\\b\"c'", " lead", "trail ", "*a", "&a", "!t", "%d", "@x", "`", "0x1F", ".5", "yes", ".inf", "C:\\data", "="),
        Gen.String[Gen.Char[' ', '\ud7ff'].Where(c => !char.IsControl(c)), 1, 20]);

    private static readonly Gen<string> Initializer = Gen.OneOf(
        Words("xavier", "he", "zeros"),
        Positive.Select(value => $"{{ gaussian: {value} }}"),
        Positive.Select(value => $"{{ uniform: {value} }}"),
        Positive.Select(value => $"{{ constant: {value} }}"));

    private static readonly Gen<string> Layer = Gen.OneOf(
        Words("relu", "sigmoid", "tanh", "leakyRelu", "{ leakyRelu: { slope: 1/3 } }", "softmax", "identity", "flatten", "{ relu: }", "{ tanh: {} }"),
        Gen.Select(Part, Boolean).Select((rate, inverted) => $"{{ dropout: {{ rate: {rate}, inverted: {inverted} }} }}"),
        Gen.Select(Part, Positive, Initializer).Select((momentum, epsilon, weights) => $"{{ batchNorm: {{ momentum: {momentum}, epsilon: {epsilon}, initializer: {weights} }} }}"),
        Gen.Select(Gen.Int[1, 5000], Boolean, Initializer, Initializer, Boolean, Positive).Select((units, bias, weights, biases, frozen, factor) =>
            $"{{ dense: {{ units: {units}, bias: {bias}, initializer: {weights}, biasInitializer: {biases}, frozen: {frozen}, learningRateFactor: {factor} }} }}"));

    private static readonly Gen<string> Source = Gen.OneOf(
        Words("dataset: digits", "dataset: mnist", "dataset: fashionMnist, validation: test"),
        Text.Select(path => $"tensors: {{ path: {Quoted(path)} }}, validation: {{ tensors: {{ path: {Quoted(path)} }} }}"),
        Gen.Select(Text, Text, Part).Select((images, labels, part) => $"idx: {{ images: {Quoted(images)}, labels: {Quoted(labels)} }}, validation: {{ fraction: {part} }}"),
        Gen.Select(Text, Text, Text).Select((path, input, target) => $"csv: {{ path: {Quoted(path)}, inputs: [{Quoted(input)}], targets: [{Quoted(target)}] }}, validation: {{ csv: {{ path: {Quoted(path)}, inputs: [3], targets: [0], header: false }} }}"));

    private static readonly Gen<string> Transform = Gen.OneOf(
        Words("standardize", "subtractMean", "{ subtractMean: perChannel }"),
        Positive.Select(value => $"{{ scale: {value} }}"));

    private static readonly Gen<string> Data = Gen.Select(Source, Transform.List[0, 4], Boolean, Gen.Int[1, 9999]).Select((source, transforms, shuffle, limit) =>
        $"data: {{ {source}, transforms: [{string.Join(", ", transforms)}], shuffle: {shuffle}, limit: {limit}, classes: [{limit}, 0] }}\n");

    private static readonly Gen<string> Optimizer = Gen.OneOf(
        Words("adagrad", "rmsprop", "adam", "{ adam: {} }"),
        Gen.Select(Positive, Part, Words("", ", nesterov: true")).Select((rate, momentum, nesterov) => $"{{ sgd: {{ learningRate: {rate}, momentum: {momentum}{nesterov} }} }}"),
        Gen.Select(Positive, Positive).Select((rate, eps) => $"{{ adagrad: {{ learningRate: {rate}, eps: {eps}, weightDecay: 0.1 }} }}"),
        Gen.Select(Positive, Part).Select((rate, alpha) => $"{{ rmsprop: {{ learningRate: {rate}, alpha: {alpha} }} }}"),
        Gen.Select(Part, Part, Positive).Select((first, second, eps) => $"{{ adam: {{ betas: [{first}, {second}], eps: {eps} }} }}"));

    private static readonly Gen<string> Training = Gen.Select(
        Words("softmaxCrossEntropy", "{ l2: { reduction: sum } }", "l1", "hinge", "multiclassHinge", "perceptron", "{ binaryCrossEntropy: { onProbabilities: true } }"),
        Words("epochs: 3", "steps: 70"),
        Gen.Int[1, 5000],
        Optimizer,
        Gen.OneOf(
            Gen.Const(""),
            Positive.Select(value => $"  clip: {{ globalNorm: {value} }}\n"),
            Positive.Select(value => $"  clip: {{ value: {value} }}\n  onNonFinite: skip\n  shards: 64\n"),
            Positive.Select(value => $"  regularization: {{ l1: {value}, maxNorm: {value} }}\n  schedule: {{ step: {{ everyEpochs: 2, factor: {value}, warmUpSteps: 7 }} }}\n"),
            Positive.Select(value => $"  schedule: {{ exponential: {{ everySteps: 2, factor: {value} }} }}\n"),
            Positive.Select(value => $"  schedule: {{ cosine: {{ to: {value}, overSteps: 90, warmUpSteps: 9 }} }}\n"),
            Gen.Int[1, 99].Select(value => $"  truncatedBptt: {{ steps: {value} }}\n"),
            Gen.Int[1, 99].Select(value => $"  truncatedBptt: {{ steps: {value}, backward: {2 * value} }}\n"),
            Positive.Select(value => $"  schedule: {{ inverse: {{ rate: {value} }} }}\n")))
        .Select((loss, length, batch, optimizer, more) =>
            $"training:\n  loss: {loss}\n  {length}\n  batch: {batch}\n  optimizer: {optimizer}\n{more}");

    private static readonly Gen<string> Diagnostics = Words(
        "", "diagnostics: {}\n", "diagnostics: { everySteps: 7, show: [deadRelus, gradientNorms] }\n", "diagnostics: { show: [gradientByTime, updateRatios] }\n");

    public static Gen<string> Jobs { get; } = Gen.Select(Data, Layer.List[1, 8], Training, Gen.ULong, Diagnostics).Select((data, layers, training, seed, diagnostics) =>
        $"seed: {seed}\n{data}model: [{string.Join(", ", layers)}]\n{training}{diagnostics}");

    private static Gen<string> Words(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static string Quoted(string text) => $"'{text.Replace("'", "''")}'";
}
