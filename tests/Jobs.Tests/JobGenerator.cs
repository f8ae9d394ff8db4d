using System.Globalization;
using CsCheck;

namespace Lockstep.Jobs.Tests;

/// <summary>Texts of valid jobs that use all of the format.</summary>
internal static class JobGenerator
{
    private static readonly Gen<string> s_positive = Gen.OneOf(
        Gen.Float[1e-30f, 1e30f].Select(value => ((double)value).ToString("R", CultureInfo.InvariantCulture)),
        Gen.Double[1e-6, 1e6].Select(value => value.ToString("E5", CultureInfo.InvariantCulture)),
        Gen.Int[1, 99].Select(value => $"{value}/255"),
        Gen.Int[1, 1000].Select(value => $"{value}"));

    private static readonly Gen<string> s_part = Gen.OneOf(
        Gen.Double[0.001, 0.999].Select(value => value.ToString("R", CultureInfo.InvariantCulture)),
        Gen.Int[2, 99].Select(value => $"1/{value}"));

    private static readonly Gen<string> s_boolean = Words("true", "False", "TRUE", "false");

    /// <summary>Text with what must be quoted, escaped or left alone.</summary>
    private static readonly Gen<string> s_text = Gen.OneOf(
        Words("null", "1e5", "- x", "a: b", "#c", "~", "\u2028x", "\ufeffy", "tr\u00a0ue", "ä/ö.csv", "🙂", "...", "---", "a\\b\"c'", " lead", "trail ", "*a", "&a", "!t", "%d", "@x", "`", "0x1F", ".5", "yes", ".inf", "C:\\data", "="),
        Gen.String[Gen.Char[' ', '\ud7ff'].Where(c => !char.IsControl(c)), 1, 20]);

    private static readonly Gen<string> s_initializer = Gen.OneOf(
        Words("xavier", "he", "zeros"),
        s_positive.Select(value => $"{{ gaussian: {value} }}"),
        s_positive.Select(value => $"{{ uniform: {value} }}"),
        s_positive.Select(value => $"{{ constant: {value} }}"));

    private static readonly Gen<string> s_layer = Gen.OneOf(
        Words("relu", "sigmoid", "tanh", "identity", "flatten", "{ relu: }", "{ tanh: {} }"),
        Gen.Select(Gen.Int[1, 5000], s_boolean, s_initializer, s_initializer, s_boolean, s_positive).Select((units, bias, weights, biases, frozen, factor) =>
            $"{{ dense: {{ units: {units}, bias: {bias}, initializer: {weights}, biasInitializer: {biases}, frozen: {frozen}, learningRateFactor: {factor} }} }}"));

    private static readonly Gen<string> s_source = Gen.OneOf(
        Words("dataset: digits", "dataset: mnist", "dataset: fashionMnist, validation: test"),
        s_text.Select(path => $"tensors: {{ path: {Quoted(path)} }}, validation: {{ tensors: {{ path: {Quoted(path)} }} }}"),
        Gen.Select(s_text, s_text, s_part).Select((images, labels, part) => $"idx: {{ images: {Quoted(images)}, labels: {Quoted(labels)} }}, validation: {{ fraction: {part} }}"),
        Gen.Select(s_text, s_text, s_text).Select((path, input, target) => $"csv: {{ path: {Quoted(path)}, inputs: [{Quoted(input)}], targets: [{Quoted(target)}] }}, validation: {{ csv: {{ path: {Quoted(path)}, inputs: [3], targets: [0], header: false }} }}"));

    private static readonly Gen<string> s_transform = Gen.OneOf(
        Words("standardize", "subtractMean", "{ subtractMean: perChannel }"),
        s_positive.Select(value => $"{{ scale: {value} }}"));

    private static readonly Gen<string> s_data = Gen.Select(s_source, s_transform.List[0, 4], s_boolean, Gen.Int[1, 9999]).Select((source, transforms, shuffle, limit) =>
        $"data: {{ {source}, transforms: [{string.Join(", ", transforms)}], shuffle: {shuffle}, limit: {limit}, classes: [{limit}, 0] }}\n");

    private static readonly Gen<string> s_training = Gen.Select(
        Words("softmaxCrossEntropy", "{ l2: { reduction: sum } }"),
        Words("epochs: 3", "steps: 70"),
        Gen.Int[1, 5000],
        s_positive,
        s_part,
        Words("", ", nesterov: true"),
        Gen.OneOf(
            Gen.Const(""),
            s_positive.Select(value => $"  clip: {{ globalNorm: {value} }}\n"),
            s_positive.Select(value => $"  clip: {{ value: {value} }}\n  onNonFinite: skip\n  shards: 64\n"),
            s_positive.Select(value => $"  regularization: {{ l1: {value} }}\n  schedule: {{ step: {{ everyEpochs: 2, factor: {value} }} }}\n")))
        .Select((loss, length, batch, rate, momentum, nesterov, more) =>
            $"training:\n  loss: {loss}\n  {length}\n  batch: {batch}\n  optimizer: {{ sgd: {{ learningRate: {rate}, momentum: {momentum}{nesterov} }} }}\n{more}");

    public static Gen<string> Jobs { get; } = Gen.Select(s_data, s_layer.List[1, 8], s_training, Gen.ULong).Select((data, layers, training, seed) =>
        $"seed: {seed}\n{data}model: [{string.Join(", ", layers)}]\n{training}");

    private static Gen<string> Words(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static string Quoted(string text) => $"'{text.Replace("'", "''")}'";
}
