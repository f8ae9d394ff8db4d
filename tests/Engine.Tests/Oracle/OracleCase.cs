using System.Text.Json;
using Lockstep.Engine.Models;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;

namespace Lockstep.Engine.Tests.Oracle;

/// <summary>One file of reference numbers, read as the engine's specifications and a minibatch. README.md beside it says what it holds.</summary>
internal sealed partial class OracleCase : IDisposable
{
    private readonly SafetensorsFile _file;
    private readonly JsonElement _case;

    public OracleCase(string name)
    {
        _file = SafetensorsFile.Open(Path.Combine(AppContext.BaseDirectory, "Oracle", name + ".safetensors"));
        _case = JsonDocument.Parse(_file.Metadata["case"]).RootElement;
    }

    public Network BuildNetwork() => Network.Build([.. Layers.Select(Layer)], new Shape([.. (IsSignal ? [Shape("in.x")[2], Shape("in.x")[1]] : Shape("in.x").Skip(1)).Select(axis => (int)axis)]));

    /// <summary>Signals are B × C × L; the engine's sequences are N, T, D.</summary>
    private bool IsSignal => Layers.Any(layer => Text(layer, "op") == "conv1d");

    private IEnumerable<JsonElement> Layers => _case.GetProperty("net").EnumerateArray();

    public LossSpec Loss => new(
        Text(_case, "loss") switch
        {
            "l1" => LossKind.L1,
            "l2" => LossKind.L2,
            "hinge" => LossKind.Hinge,
            "svm" => LossKind.MulticlassHinge,
            "binary_cross_entropy" => LossKind.BinaryCrossEntropyOnProbabilities,
            "sigmoid_cross_entropy" => LossKind.BinaryCrossEntropy,
            // A metric of ours; the loss beside it does not matter.
            "zero_one" or "softmax_cross_entropy" => LossKind.SoftmaxCrossEntropy,
            string other => throw new NotSupportedException($"The tests know no loss '{other}'."),
            null => throw new FormatException("A case has no loss."),
        },
        Text(_case, "reduction") == "sum" ? LossReduction.Sum : LossReduction.Mean);

    public UpdateSpec Update => new(Optimizer(), Clip(), Penalty(), Schedule(), Loss.Reduction);

    public Minibatch Minibatch()
    {
        int samples = (int)Shape("in.x")[0];
        if (!Loss.TakesClasses)
            return new Minibatch(samples, Batch("in.x"), values: Batch("in.y"));
        long[] classes = new long[samples];
        _file.CopyTo("in.y", classes);
        return new Minibatch(samples, Floats("in.x"), classes: [.. classes.Select(c => (int)c)]);
    }

    public bool Has(string tensor) => _file.Contains(tensor);

    public float[] Floats(string tensor)
    {
        float[] values = new float[Shape(tensor).Aggregate(1L, (product, axis) => product * axis)];
        _file.CopyTo(tensor, values);
        return values;
    }

    /// <summary>A batch of inputs or outputs as the engine has them.</summary>
    public float[] Batch(string tensor)
    {
        float[] values = Floats(tensor);
        long[] shape = Shape(tensor);
        if (!IsSignal)
            return values;
        (int channels, int length) = ((int)shape[1], (int)shape[2]);
        return [.. values.Select((_, i) => values[(((i / (channels * length) * channels) + (i % channels)) * length) + (i / channels % length)])];
    }

    public void Dispose() => _file.Dispose();

    private long[] Shape(string tensor) => [.. _file[tensor].Shape.Select(axis => (long)axis)];

    private static LayerSpec Layer(JsonElement layer) => Text(layer, "op") switch
    {
        "linear" => new DenseSpec(layer.GetProperty("out").GetInt32(), !layer.TryGetProperty("bias", out JsonElement bias) || bias.GetBoolean()),
        "sigmoid" => new ActivationSpec(ActivationKind.Sigmoid),
        "tanh" => new ActivationSpec(ActivationKind.Tanh),
        "leaky_relu" => new LeakyReluSpec((float)Number(layer, "slope", 0.01)),
        "softmax" => new SoftmaxSpec(),
        "relu" => new ActivationSpec(ActivationKind.Relu),
        "dropout" => new DropoutSpec((float)Number(layer, "p", 0), Part(layer, "inverted").ValueKind != JsonValueKind.False),
        "batch_norm" => new BatchNormSpec((float)Number(layer, "momentum", 0.1), (float)Number(layer, "eps", 1e-5)),
        "flatten" => new FlattenSpec(),
        "conv2d" => new Conv2dSpec(Whole(layer, "out"), Pair(layer, "kernel", 3), Flag(layer, "bias", true))
        {
            Stride = Pair(layer, "stride", 1),
            Padding = Pair(layer, "pad", 0),
            Dilation = Pair(layer, "dilation", 1),
            Groups = (int)Number(layer, "groups", 1),
        },
        "conv2d_transposed" => new TransposedConv2dSpec(Whole(layer, "out"), Pair(layer, "kernel", 3), Flag(layer, "bias", true))
        {
            Stride = Pair(layer, "stride", 1),
            Padding = Pair(layer, "pad", 0),
            OutputPadding = Pair(layer, "output_pad", 0),
            Dilation = Pair(layer, "dilation", 1),
            Groups = (int)Number(layer, "groups", 1),
        },
        "local2d" => new LocallyConnected2dSpec(Whole(layer, "out"), Pair(layer, "kernel", 3), Flag(layer, "bias", true)) { Stride = Pair(layer, "stride", 1), Padding = Pair(layer, "pad", 0) },
        "conv1d" => new TimeDelaySpec(Whole(layer, "out"), Whole(layer, "kernel"))
        {
            Stride = (int)Number(layer, "stride", 1),
            Padding = (int)Number(layer, "pad", 0),
            Dilation = (int)Number(layer, "dilation", 1),
        },
        "max_pool" => new MaxPool2dSpec(Pair(layer, "kernel", 2)) { Stride = Pair(layer, "stride", Pair(layer, "kernel", 2)), Padding = Pair(layer, "pad", 0) },
        "avg_pool" => new AveragePool2dSpec(Pair(layer, "kernel", 2)) { Stride = Pair(layer, "stride", Pair(layer, "kernel", 2)), Padding = Pair(layer, "pad", 0), CountPadding = Flag(layer, "count_pad", true) },
        "lrn" => new LocalResponseNormSpec { Size = (int)Number(layer, "n", 5), K = (float)Number(layer, "k", 2), Alpha = (float)Number(layer, "alpha", 1e-4), Beta = (float)Number(layer, "beta", 0.75) },
        string other => throw new NotSupportedException($"The tests know no layer '{other}'."),
        null => throw new FormatException("A layer has no op."),
    };

    private OptimizerSpec Optimizer()
    {
        JsonElement optimizer = Part(_case, "optimizer");
        float epsilon = (float)Number(optimizer, "eps", 1e-8);
        double[] betas = [.. Part(optimizer, "betas") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(beta => beta.GetDouble()) : [0.9, 0.999]];
        double rate = Number(_case, "lr", 0.1);
        OptimizerSpec spec = Text(optimizer, "kind") switch
        {
            null or "sgd" => new SgdSpec((float)Number(optimizer, "momentum", 0), Part(optimizer, "nesterov").ValueKind == JsonValueKind.True) { LearningRate = rate },
            "adagrad" => new AdagradSpec((float)Number(optimizer, "eps", 1e-10)) { LearningRate = rate },
            "rmsprop" => new RmsPropSpec(Number(optimizer, "alpha", 0.99), epsilon) { LearningRate = rate },
            "adam" => new AdamSpec(betas[0], betas[1], epsilon) { LearningRate = rate },
            string other => throw new NotSupportedException($"The tests know no optimizer '{other}'."),
        };
        return spec with { WeightDecay = (float)Number(optimizer, "weight_decay", 0) };
    }

    private ClipSpec? Clip()
    {
        JsonElement clip = Part(_case, "clip");
        if (clip.ValueKind == JsonValueKind.Undefined)
            return null;
        return clip.TryGetProperty("norm", out JsonElement norm) ? new GlobalNormClip(norm.GetSingle()) : new ValueClip(clip.GetProperty("value").GetSingle());
    }

    private RegularizationSpec? Penalty()
    {
        JsonElement penalty = Part(_case, "penalty");
        var spec = new RegularizationSpec(
            (float)Number(penalty, "l2", 0), (float)Number(penalty, "l1", 0), Part(penalty, "bias").ValueKind == JsonValueKind.True, (float)Number(_case, "max_norm", 0));
        return spec == new RegularizationSpec() ? null : spec;
    }

    private ScheduleSpec? Schedule()
    {
        JsonElement schedule = Part(_case, "schedule");
        if (schedule.ValueKind == JsonValueKind.Undefined)
            return null;
        long warm = (long)Number(schedule, "warm", 0), period = (long)Number(schedule, "period", 0);
        double gamma = Number(schedule, "gamma", 1);
        return Text(schedule, "kind") switch
        {
            "step" => new StepSchedule(schedule.GetProperty("every").GetInt64(), gamma),
            "exponential" => new ExponentialSchedule(1, gamma),
            "cosine" => new CosineSchedule(Number(schedule, "lowest", 0), period),
            "warm_up" => new ExponentialSchedule(1, 1) { WarmUpSteps = warm },
            "warm_up_cosine" => new CosineSchedule(0, period) { WarmUpSteps = warm },
            string other => throw new NotSupportedException($"The tests know no schedule '{other}'."),
            null => throw new FormatException("A schedule has no kind."),
        };
    }

    private static JsonElement Part(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement part) ? part : default;

    private static double Number(JsonElement element, string name, double otherwise) =>
        Part(element, name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : otherwise;

    private static int Whole(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static bool Flag(JsonElement element, string name, bool otherwise) =>
        Part(element, name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag ? flag.GetBoolean() : otherwise;

    private static Extent2d Pair(JsonElement element, string name, Extent2d otherwise) => Part(element, name) switch
    {
        { ValueKind: JsonValueKind.Array } pair => new Extent2d(pair[0].GetInt32(), pair[1].GetInt32()),
        { ValueKind: JsonValueKind.Number } number => number.GetInt32(),
        _ => otherwise,
    };

    private static string? Text(JsonElement element, string name) =>
        Part(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
