using System.Text.Json;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Decoding;

/// <summary>The reference numbers of an encoder with a decoder, and of a decoder that reads its own output. Sequences are T × B there, and N × T here.</summary>
public sealed class DecoderOracleTests
{
    // What the reference calls each layer's parameters.
    private static readonly Dictionary<string, string> Names = new()
    {
        ["encoder.0.weight"] = "0.source.weight",
        ["encoder.1.weight_ih_l0"] = "0.encoder.weight_ih",
        ["encoder.1.weight_hh_l0"] = "0.encoder.weight_hh",
        ["encoder.1.bias_ih_l0"] = "0.encoder.bias",
        ["decoder.0.weight"] = "0.target.weight",
        ["decoder.1.weight_ih_l0"] = "0.decoder.weight_ih",
        ["decoder.1.weight_hh_l0"] = "0.decoder.weight_hh",
        ["decoder.1.bias_ih_l0"] = "0.decoder.bias",
        ["decoder.2.weight"] = "0.out.weight",
        ["decoder.2.bias"] = "0.out.bias",
        ["feedback.weight_ih_l0"] = "0.l0.weight_ih",
        ["feedback.weight_hh_l0"] = "0.l0.weight_hh",
        ["feedback.bias_ih_l0"] = "0.l0.bias",
        ["out.weight"] = "0.out.weight",
        ["out.bias"] = "0.out.bias",
    };

    [Theory]
    [InlineData("seq2seq", 1)]
    [InlineData("seq2seq", 2)]
    [InlineData("one_to_many_feedback", 1)]
    [InlineData("one_to_many_feedback", 2)]
    public unsafe void A_training_agrees_with_PyTorch(string name, int shards)
    {
        using var file = SafetensorsFile.Open(Path.Combine(AppContext.BaseDirectory, "Oracle", name + ".safetensors"));
        JsonElement part = JsonDocument.Parse(file.Metadata["case"]).RootElement.GetProperty("net")[0];
        bool translates = name == "seq2seq";
        int hidden = part.GetProperty("hidden").GetInt32();
        LayerSpec[] specs = translates
            ?
            [
                new EmbeddingSpec(part.GetProperty("width").GetInt32(), part.GetProperty("source").GetInt32()) { Name = "encoder.0" },
                new LstmSpec(hidden) { Name = "encoder.1" },
                new BridgeSpec(new Shape(4)),
                new EmbeddingSpec(part.GetProperty("width").GetInt32(), part.GetProperty("target").GetInt32()) { Name = "decoder.0" },
                new LstmSpec(hidden) { Name = "decoder.1" },
                new DenseSpec(part.GetProperty("target").GetInt32()) { Name = "decoder.2" },
            ]
            : [new BridgeSpec(new Shape(5, 4), TeacherForcing: false), new RnnSpec(hidden) { Name = "feedback" }, new DenseSpec(4) { Name = "out" }];
        using var decoder = new DecoderCase(specs, translates ? new Shape(5) : new Shape(4), new LossSpec(translates ? LossKind.SoftmaxCrossEntropy : LossKind.L2), 3, 1);
        decoder.Inputs = translates ? Turned(file, "in.x") : Numbers(file, "in.x");
        decoder.Teacher = translates ? Turned(file, "in.teacher") : null;
        if (translates)
            decoder.Classes = [.. Turned(file, "in.y").Select(y => (int)y)];
        else
            decoder.Values = Turned(file, "in.y");
        ParameterLayout layout = decoder.Network.Layout;
        foreach (ParameterView parameter in layout.Parameters)
            Numbers(file, $"w0.{Names[parameter.Name]}").CopyTo(decoder.Parameters.Slice(parameter.Offset, (int)parameter.Length));
        RequireClose(Turned(file, "out"), decoder.Predict(), "out");

        var rule = new UpdateRule(layout, new UpdateSpec(new SgdSpec { LearningRate = 0.1 }));
        var sums = new StepSums(decoder.Loss, []);
        using var updated = new FloatBuffer(layout.Length);
        using var mean = new FloatBuffer(layout.Length);
        float[] losses = Numbers(file, "losses");
        for (int step = 0; step < losses.Length; step++)
        {
            (float[] gradient, double[] total, float[] inputGradient) = decoder.Train(shards, [.. Enumerable.Range(0, shards).Select(leaf => new TreeNode(leaf, 1))]);
            RequireClose([losses[step]], [(float)sums.LossValue(total)], $"losses, step {step}");
            gradient.CopyTo(mean.Span);
            double[] squares = [.. layout.Blocks.Select(block => rule.Prepare(block, mean.Pointer + block.Offset, sums.Divisor(total), 3, decoder.Parameters.Pointer))];
            foreach (ParameterView parameter in layout.Parameters.Where(_ => step == 0))
                RequireClose(Numbers(file, $"grad.{Names[parameter.Name]}"), mean.Slice(parameter.Offset, (int)parameter.Length).ToArray(), $"grad.{parameter.Name}");
            if (step == 0 && !translates)
                RequireClose(Numbers(file, "grad_in.x"), [.. inputGradient.Select(g => g / sums.Divisor(total))], "grad_in.x");
            foreach (ParameterBlock block in layout.Blocks)
                Assert.True(rule.Apply(block, mean.Pointer + block.Offset, rule.Decide(squares), step, decoder.Parameters.Pointer, updated.Pointer, []));
            updated.Span.CopyTo(decoder.Parameters.Span);
        }
        foreach (ParameterView parameter in layout.Parameters)
            RequireClose(Numbers(file, $"wk.{Names[parameter.Name]}"), decoder.Parameters.Slice(parameter.Offset, (int)parameter.Length).ToArray(), $"wk.{parameter.Name}");
    }

    private static float[] Numbers(SafetensorsFile file, string name)
    {
        int length = file[name].Shape.Aggregate(1, (product, axis) => product * axis);
        if (file[name].Type == TensorType.I64)
        {
            long[] whole = new long[length];
            file.CopyTo(name, whole);
            return [.. whole.Select(number => (float)number)];
        }
        float[] numbers = new float[length];
        file.CopyTo(name, numbers);
        return numbers;
    }

    // T × B × … as N × T × …
    private static float[] Turned(SafetensorsFile file, string name)
    {
        float[] numbers = Numbers(file, name), turned = new float[numbers.Length];
        (int steps, int samples) = (file[name].Shape[0], file[name].Shape[1]);
        int width = numbers.Length / (steps * samples);
        for (int step = 0; step < steps; step++)
        {
            for (int sample = 0; sample < samples; sample++)
                numbers.AsSpan(((step * samples) + sample) * width, width).CopyTo(turned.AsSpan(((sample * steps) + step) * width));
        }
        return turned;
    }

    private static void RequireClose(float[] expected, float[] found, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        double difference = Math.Sqrt(expected.Zip(found, (a, b) => ((double)a - b) * ((double)a - b)).Sum());
        double allowed = (1e-5 * Math.Sqrt(expected.Sum(a => (double)a * a))) + (1e-7 * Math.Sqrt(expected.Length));
        Assert.True(difference <= allowed, $"{what} is {difference:g3} away, {allowed:g3} is allowed");
    }
}
