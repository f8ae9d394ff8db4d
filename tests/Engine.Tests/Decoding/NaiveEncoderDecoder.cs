using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Decoding;

/// <summary>An encoder and a decoder in float64, one sample and one step at a time, written from the definitions alone.</summary>
internal sealed class NaiveEncoderDecoder(LayerSpec[] specs, Network network)
{
    private readonly int _seam = Array.FindIndex(specs, spec => spec is BridgeSpec);

    /// <summary>[U][K].</summary>
    public double[][] Run(double[] p, double[] input, float[]? mask, double[]? teacher, bool forced)
    {
        var states = new Dictionary<(int Layer, string State), double[]>();
        double[][] sequence = Cut(input, network.Input.Rank == 1 && specs[0] is not EmbeddingSpec ? 1 : network.Input[0]);
        for (int layer = 0; layer < _seam; layer++)
        {
            int at = layer;
            if (specs[layer] is LastStepSpec)
                sequence = [sequence[mask is null ? ^1 : Enumerable.Range(0, sequence.Length).Last(t => mask[t] != 0)]];
            else
                sequence = [.. sequence.Select((x, t) => Step(p, at, x, states, mask is not null && sequence.Length > 1 && mask[t] == 0))];
        }
        HandOn(p, states, sequence[^1]);

        Shape reads = ((BridgeSpec)specs[_seam]).DecoderInput;
        double[][] given = teacher is null ? [] : Cut(teacher, reads[0]);
        double[] first = _seam == 0 ? input : given.Length > 0 ? given[0] : new double[reads.Length / reads[0]];
        var outputs = new double[reads[0]][];
        for (int step = 0; step < reads[0]; step++)
        {
            double[] x = step == 0 ? first : forced ? given[step] : reads.Rank == 2 ? outputs[step - 1] : [Array.IndexOf(outputs[step - 1], outputs[step - 1].Max())];
            for (int layer = _seam + 1; layer < specs.Length; layer++)
                x = Step(p, layer, x, states, masked: false);
            outputs[step] = x;
        }
        return outputs;
    }

    private static double[][] Cut(double[] numbers, int rows) => [.. numbers.Chunk(numbers.Length / rows)];

    private void HandOn(double[] p, Dictionary<(int Layer, string State), double[]> states, double[] features)
    {
        if (_seam == 0)
            return;
        int decoder = Array.FindIndex(specs, _seam, spec => spec is RecurrentSpec);
        var target = (RecurrentSpec)specs[decoder];
        string[] kinds = target is LstmSpec ? ["h", "c"] : ["h"];
        for (int level = 0; level < target.Levels; level++)
        {
            foreach (string kind in kinds)
            {
                double[]? from;
                if (specs[_seam - 1] is RecurrentSpec source)
                    states.TryGetValue((_seam - 1, $"{kind}{Math.Min(level + Math.Max(0, source.Levels - target.Levels), source.Levels - 1)}"), out from);
                else
                    from = kind == "h" ? features : null;
                if (from is null)
                    continue;
                string name = $"bridge.{kind}_l{level}";
                states[(decoder, $"{kind}{level}")] = from.Length == target.Units ? from : Add(Times(p, $"{name}.weight", from), Vector(p, $"{name}.bias"));
            }
        }
    }

    private double[] Step(double[] p, int layer, double[] x, Dictionary<(int, string), double[]> states, bool masked)
    {
        string name = network.Layers[layer].Name;
        switch (specs[layer])
        {
            case DenseSpec:
                return Add(Times(p, $"{name}.weight", x), Vector(p, $"{name}.bias"));
            case ActivationSpec { Kind: ActivationKind.Tanh }:
                return [.. x.Select(Math.Tanh)];
            case ActivationSpec { Kind: ActivationKind.Identity }:
                return x;
            case SoftmaxSpec:
                double sum = x.Sum(Math.Exp);
                return [.. x.Select(v => Math.Exp(v) / sum)];
            case EmbeddingSpec embedding:
                return Vector(p, $"{name}.weight")[((int)x[0] * embedding.Size)..(((int)x[0] + 1) * embedding.Size)];
            case RecurrentSpec recurrent:
                for (int level = 0; level < recurrent.Levels; level++)
                    x = Cell(p, recurrent, $"{name}.", level, x, layer, states, masked);
                return x;
            default:
                throw new NotSupportedException($"{specs[layer]}");
        }
    }

    private double[] Cell(double[] p, RecurrentSpec spec, string name, int level, double[] x, int layer, Dictionary<(int, string), double[]> states, bool masked)
    {
        int units = spec.Units;
        double[] h = states.GetValueOrDefault((layer, $"h{level}"), new double[units]), c = states.GetValueOrDefault((layer, $"c{level}"), new double[units]);
        double[] a = Add(Times(p, $"{name}weight_ih_l{level}", x), Vector(p, $"{name}bias_ih_l{level}"));
        double[] u = Times(p, $"{name}weight_hh_l{level}", h);
        double[] after = new double[units];
        double[] cell = [.. c];
        for (int i = 0; i < units; i++)
        {
            double Gate(int gate) => a[(gate * units) + i] + u[(gate * units) + i];
            switch (spec)
            {
                case RnnSpec:
                    after[i] = Math.Tanh(Gate(0));
                    break;
                case LstmSpec:
                    cell[i] = (Sigmoid(Gate(1)) * c[i]) + (Sigmoid(Gate(0)) * Math.Tanh(Gate(2)));
                    after[i] = Sigmoid(Gate(3)) * Math.Tanh(cell[i]);
                    break;
                case GruSpec { ResetAfter: false }:
                    double inner = 0;
                    double[] w = Vector(p, $"{name}weight_hh_l{level}");
                    for (int j = 0; j < units; j++)
                        inner += w[(((2 * units) + i) * units) + j] * Sigmoid(a[j] + u[j]) * h[j];
                    double z = Sigmoid(Gate(1));
                    after[i] = ((1 - z) * Math.Tanh(a[(2 * units) + i] + inner)) + (z * h[i]);
                    break;
                default:
                    throw new NotSupportedException($"{spec}");
            }
        }
        if (masked)
            (after, cell) = (h, c);
        states[(layer, $"h{level}")] = after;
        if (spec is LstmSpec)
            states[(layer, $"c{level}")] = cell;
        return after;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private double[] Vector(double[] p, string name)
    {
        ParameterView view = network.Layout[name];
        return p[(int)view.Offset..(int)(view.Offset + view.Length)];
    }

    private double[] Times(double[] p, string name, double[] x)
    {
        double[] w = Vector(p, name), y = new double[w.Length / x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            for (int j = 0; j < x.Length; j++)
                y[i] += w[(i * x.Length) + j] * x[j];
        }
        return y;
    }

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
