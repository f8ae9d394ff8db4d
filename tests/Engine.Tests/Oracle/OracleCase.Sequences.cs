using System.Text.Json;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;

namespace Lockstep.Engine.Tests.Oracle;

/// <summary>Cases over sequences. The files have T x B x I, the engine N, T, D; a level of a recurrent layer is <c>P.lL</c> there and a suffix <c>_lL</c> here.</summary>
internal sealed partial class OracleCase
{
    /// <summary>How many stretches of axis 0 are trained one after the other; 0 where the whole is.</summary>
    public int Chunks => (int)Number(_case, "chunks", 0);

    public Network BuildSequenceNetwork()
    {
        long[] axes = Shape("in.x");
        bool isSingle = Operation(0) == "one_to_many";
        int[] sample = isSingle ? [(int)axes[1]] : [(int)axes[0] / Math.Max(1, Chunks), .. axes.Skip(2).Select(axis => (int)axis)];
        int index = 0;
        LayerSpec[] layers = [.. _case.GetProperty("net").EnumerateArray().SelectMany(layer => SequenceLayers(layer, $"{index++}"))];
        return Network.Build(layers, new Shape(sample), Chunks > 0 ? (int)axes[1] : 0);
    }

    /// <summary>The samples, or one chunk of them.</summary>
    public Minibatch SequenceMinibatch(Network network, int chunk = 0)
    {
        bool isSingle = Operation(0) == "one_to_many";
        float[] inputs = isSingle ? Numbers("in.x") : Sequences("in.x", chunk);
        int samples = (int)Shape("in.x")[isSingle ? 0 : 1];
        float[] targets = network.Output.Rank == 2 ? Sequences("in.y", chunk) : Numbers("in.y");
        int steps = (int)Shape("in.x")[0] / Math.Max(1, Chunks);
        return new Minibatch(samples, inputs, Loss.TakesClasses ? null : targets, Loss.TakesClasses ? [.. targets.Select(target => (int)target)] : null)
        {
            InitialStates = InitialStates(network, samples),
            Window = Chunks == 0 ? null : new SequenceWindow(chunk * steps, steps, 0, steps, chunk == 0 ? StateSource.Start : StateSource.Committed),
        };
    }

    /// <summary>A tensor of the output's shape, as the engine has it.</summary>
    public float[] OfOutput(string tensor, Network network) => network.Output.Rank == 2 ? Transposed(Numbers(tensor), Shape(tensor)) : Numbers(tensor);

    /// <summary>A tensor of the input's shape, as the engine has it.</summary>
    public float[] OfInput(string tensor) => Operation(0) == "one_to_many" ? Numbers(tensor) : Transposed(Numbers(tensor), Shape(tensor));

    /// <summary>The numbers of a parameter, or of a state, below a prefix such as <c>w0</c>.</summary>
    public float[] OfParameter(string prefix, ParameterView parameter) => OfName(prefix, parameter.Name);

    /// <summary>∂L/∂h0 and ∂L/∂c0, [N, width of all states].</summary>
    public float[] StateGradients(Network network, int samples) => States(network, samples, "grad_in")!;

    private float[]? InitialStates(Network network, int samples) => States(network, samples, "in");

    private float[]? States(Network network, int samples, string prefix)
    {
        var states = network.Layers.SelectMany(layer => layer.States.Select(state => (State: state, Tensor: StateTensor(prefix, layer.Name, state.Name)))).ToArray();
        if (states.Length == 0 || !Has(states[0].Tensor))
            return null;
        return [.. Enumerable.Range(0, samples).SelectMany(sample => states.SelectMany(state => Numbers(state.Tensor).AsSpan(sample * state.State.Width, state.State.Width).ToArray()))];
    }

    // h_l1 of layer 0 is 0.l1.h0.
    private static string StateTensor(string prefix, string layer, string state) => $"{prefix}.{layer}.{state[2..]}.{state[0]}0";

    private float[] OfName(string prefix, string name)
    {
        string[] parts = name.Split('.');
        int at = parts[1].LastIndexOf("_l", StringComparison.Ordinal);
        if (at < 0)
            return Numbers($"{prefix}.{name}");
        string level = $"{prefix}.{parts[0]}.{parts[1][(at + 1)..]}", kind = parts[1][..at];
        if (!kind.StartsWith("peephole_", StringComparison.Ordinal))
            return Numbers($"{level}.{(kind == "bias_ih" ? "bias" : kind)}");
        float[] all = Numbers($"{level}.peephole");
        int units = all.Length / 3, gate = "ifo".IndexOf(kind[^1], StringComparison.Ordinal);
        return all[(gate * units)..((gate + 1) * units)];
    }

    private string? Operation(int layer) => Text(_case.GetProperty("net")[layer], "op");

    private static IEnumerable<LayerSpec> SequenceLayers(JsonElement layer, string name)
    {
        switch (Text(layer, "op"))
        {
            case "embedding":
                yield return new EmbeddingSpec(layer.GetProperty("width").GetInt32(), layer.GetProperty("rows").GetInt32()) { Name = name };
                break;
            case "one_to_many":
                yield return new RepeatSpec(layer.GetProperty("steps").GetInt32(), RepeatFill.Zeros) { Name = name };
                break;
            case "recurrent":
                int units = layer.GetProperty("hidden").GetInt32(), levels = (int)Number(layer, "layers", 1);
                yield return Text(layer, "cell") switch
                {
                    "rnn_tanh" => new RnnSpec(units, levels) { Name = name },
                    "rnn_relu" => new RnnSpec(units, levels, RecurrentActivation.Relu) { Name = name },
                    "lstm" => new LstmSpec(units, levels) { Name = name },
                    "lstm_peephole" => new LstmSpec(units, levels, PeepholeKind.Diagonal) { Name = name },
                    "lstm_coupled" => new LstmSpec(units, levels, Coupled: true) { Name = name },
                    "gru_before" => new GruSpec(units, levels) { Name = name },
                    "gru_after" => new GruSpec(units, levels, ResetAfter: true) { Name = name },
                    var other => throw new NotSupportedException($"The tests know no cell '{other}'."),
                };
                if (Text(layer, "take") == "last")
                    yield return new LastStepSpec { Name = $"{name}-last" };
                break;
            default:
                yield return Layer(layer) with { Name = name };
                break;
        }
    }

    // Of a sequence [T, B, …], one chunk of T, as [B, T, …].
    private float[] Sequences(string tensor, int chunk)
    {
        long[] shape = Shape(tensor);
        float[] all = Numbers(tensor);
        int chunks = Math.Max(1, Chunks), length = all.Length / chunks;
        return Transposed(all[(chunk * length)..((chunk + 1) * length)], [shape[0] / chunks, .. shape[1..]]);
    }

    private static float[] Transposed(float[] numbers, long[] shape)
    {
        int steps = (int)shape[0], samples = (int)shape[1], length = numbers.Length / (steps * samples);
        float[] result = new float[numbers.Length];
        for (int step = 0; step < steps; step++)
        {
            for (int sample = 0; sample < samples; sample++)
                Array.Copy(numbers, ((step * samples) + sample) * length, result, ((sample * steps) + step) * length, length);
        }
        return result;
    }

    // Floats, or whole numbers as floats.
    private float[] Numbers(string tensor)
    {
        if (_file[tensor].Type == TensorType.F32)
            return Floats(tensor);
        long[] whole = new long[Shape(tensor).Aggregate(1L, (product, axis) => product * axis)];
        _file.CopyTo(tensor, whole);
        return [.. whole.Select(number => (float)number)];
    }
}
