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

    private static readonly Gen<string> Pair = Gen.OneOf(
        Gen.Int[1, 9].Select(value => $"{value}"),
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9]).Select((vertical, horizontal) => $"[{vertical}, {horizontal}]"));

    private static readonly Gen<string> ImageLayer = Gen.OneOf(
        Gen.Select(Gen.Int[1, 99], Pair, Pair, Pair, Pair, Boolean, Initializer).Select((filters, kernel, stride, padding, dilation, bias, weights) =>
            $"{{ conv2d: {{ filters: {filters}, kernel: {kernel}, stride: {stride}, padding: {padding}, dilation: {dilation}, groups: {filters}, bias: {bias}, initializer: {weights} }} }}"),
        Gen.Select(Gen.Int[1, 99], Pair, Pair, Pair).Select((filters, kernel, stride, padding) =>
            $"{{ locallyConnected2d: {{ filters: {filters}, kernel: {kernel}, stride: {stride}, padding: {padding}, frozen: true }} }}"),
        Gen.Select(Gen.Int[1, 99], Pair, Pair, Pair).Select((filters, kernel, stride, padding) =>
            $"{{ transposedConv2d: {{ filters: {filters}, kernel: {kernel}, stride: {stride}, outputPadding: {padding}, bias: false }} }}"),
        Gen.Select(Gen.Int[1, 99], Gen.Int[1, 9], Gen.Int[1, 9]).Select((filters, delays, dilation) => $"{{ timeDelay: {{ filters: {filters}, delays: {delays}, dilation: {dilation} }} }}"),
        Pair.Select(kernel => $"{{ maxPool2d: {{ kernel: {kernel} }} }}"),
        Gen.Select(Pair, Pair, Boolean).Select((kernel, stride, count) => $"{{ averagePool2d: {{ kernel: {kernel}, stride: {stride}, padding: [0, 1], countPadding: {count} }} }}"),
        Words("localResponseNorm", "{ localResponseNorm: {} }"),
        Positive.Select(value => $"{{ localResponseNorm: {{ size: 3, k: {value}, alpha: {value}, beta: {value} }} }}"));

    private static readonly Gen<string> Layer = Gen.OneOf(
        ImageLayer,
        Words("relu", "sigmoid", "tanh", "leakyRelu", "{ leakyRelu: { slope: 1/3 } }", "softmax", "identity", "flatten", "{ relu: }", "{ tanh: {} }"),
        Gen.Select(Part, Boolean).Select((rate, inverted) => $"{{ dropout: {{ rate: {rate}, inverted: {inverted} }} }}"),
        Gen.Select(Part, Positive, Initializer).Select((momentum, epsilon, weights) => $"{{ batchNorm: {{ momentum: {momentum}, epsilon: {epsilon}, initializer: {weights} }} }}"),
        Words("lastStep", "{ repeat: { steps: 7, fill: zeros } }", "{ embedding: { size: 9 } }", "{ embedding: { size: 9, vocabulary: 70, frozen: true } }"),
        Words("{ rnn: { units: 5, layers: 2, activation: relu } }", "{ lstm: { units: 5, peephole: diagonal, coupled: true } }", "{ lstm: { units: 4, peephole: full, initializer: he } }", "{ gru: { units: 6, resetAfter: true } }"),
        Gen.Select(Gen.Int[1, 5000], Boolean, Initializer, Initializer, Boolean, Positive).Select((units, bias, weights, biases, frozen, factor) =>
            $"{{ dense: {{ units: {units}, bias: {bias}, initializer: {weights}, biasInitializer: {biases}, frozen: {frozen}, learningRateFactor: {factor} }} }}"));

    private static readonly Gen<string> Source = Gen.OneOf(
        Words("dataset: digits", "dataset: mnist", "dataset: fashionMnist, validation: test", "dataset: cifar10"),
        Text.Select(path => $"cifar: {{ train: {Quoted(path)}, test: {Quoted(path)} }}"),
        Text.Select(path => $"cifar: {{ train: {Quoted(path)} }}, validation: {{ cifar: {{ train: {Quoted(path)} }} }}"),
        Gen.Select(Text, Part).Select((path, part) => $"images: {{ path: {Quoted(path)}, size: 32 }}, validation: {{ fraction: {part} }}"),
        Gen.Select(Text, Text, Gen.Int[1, 99]).Select((path, column, window) => $"csv: {{ path: {Quoted(path)}, inputs: [{Quoted(column)}], targets: [{Quoted(column)}], window: {window}, logReturn: [{Quoted(column)}] }}, validation: {{ csv: {{ path: {Quoted(path)}, inputs: [a], targets: [b], window: {window}, horizon: 2, difference: [b] }} }}"),
        Text.Select(path => $"tensors: {{ path: {Quoted(path)} }}, validation: {{ tensors: {{ path: {Quoted(path)} }} }}"),
        Gen.Select(Text, Text, Part).Select((images, labels, part) => $"idx: {{ images: {Quoted(images)}, labels: {Quoted(labels)} }}, validation: {{ fraction: {part} }}"),
        Gen.Select(Text, Text, Text).Select((path, input, target) => $"csv: {{ path: {Quoted(path)}, inputs: [{Quoted(input)}], targets: [{Quoted(target)}] }}, validation: {{ csv: {{ path: {Quoted(path)}, inputs: [3], targets: [0], header: false }} }}"));

    private static readonly Gen<string> Transform = Gen.OneOf(
        Words("standardize", "subtractMean", "{ subtractMean: perChannel }", "randomFlip", "{ randomFlip: horizontal }", "oneHot", "{ oneHot: 65 }", "{ randomCrop: { size: 28, padding: 2 } }", "{ whiten: { pca: { components: 9 } } }"),
        Positive.Select(value => $"{{ whiten: {{ pca: {{ components: 30, epsilon: {value} }} }} }}"),
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

    private static readonly Gen<string> DecoderLayer = Gen.OneOf(
        Words("relu", "{ leakyRelu: { slope: 1/3 } }", "softmax", "identity", "{ dropout: { rate: 0.25 } }", "{ embedding: { size: 3 } }", "{ gru: { units: 4, layers: 2 } }"),
        Gen.Int[1, 5000].Select(units => $"{{ dense: {{ units: {units} }} }}"));

    private static readonly Gen<string> Model = Gen.OneOf(
        Layer.List[1, 8].Select(layers => $"[{string.Join(", ", layers)}]"),
        Gen.Select(Layer.List[0, 4], DecoderLayer.List[0, 4], Words("", ", teacherForcing: false", ", teacherForcing: TRUE")).Select((encoder, decoder, forcing) =>
            $"{{ encoder: [{string.Join(", ", encoder)}], decoder: [{string.Join(", ", ["{ lstm: { units: 3 } }", .. decoder])}]{forcing} }}"));

    public static Gen<string> Jobs { get; } = Gen.Select(Data, Model, Training, Gen.ULong, Diagnostics).Select((data, model, training, seed, diagnostics) =>
        $"seed: {seed}\n{data}model: {model}\n{(model[0] == '{' ? string.Concat(training.Split('\n').Where(line => !line.Contains("truncatedBptt", StringComparison.Ordinal)).Select(line => line + "\n")) : training)}{diagnostics}");

    private static Gen<string> Words(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static string Quoted(string text) => $"'{text.Replace("'", "''")}'";
}
