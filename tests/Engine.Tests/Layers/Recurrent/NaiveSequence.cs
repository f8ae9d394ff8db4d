using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Layers.Recurrent;

/// <summary>Sequence layers for one sample in float64, one number at a time, as their definitions are written.</summary>
internal sealed class NaiveSequence(LayerSpec[] specs, Network network)
{
    /// <param name="parameters">The flat buffer.</param>
    /// <param name="input">[T][D] of a sequence, [T][1] of tokens; one row of a single value.</param>
    /// <param name="mask">[T], or null.</param>
    /// <param name="states">One after the other as the network has them; null for 0.</param>
    /// <param name="carryAt">After how many steps <paramref name="carried"/> is taken.</param>
    /// <param name="carried">Receives the states then; null where nobody asks.</param>
    public double[][] Run(double[] parameters, double[][] input, float[]? mask, double[]? states, int carryAt = 0, double[]? carried = null)
    {
        int state = 0;
        bool follows = true;
        double[][] x = input;
        for (int i = 0; i < specs.Length; i++)
        {
            string name = network.Layers[i].Name;
            double[] Of(string parameter)
            {
                ParameterView view = network.Layout[$"{name}.{parameter}"];
                return parameters[(int)view.Offset..(int)(view.Offset + view.Length)];
            }
            float[]? here = follows ? mask : null;
            switch (specs[i])
            {
                case RecurrentSpec recurrent:
                    for (int level = 0; level < recurrent.Levels; level++)
                        x = Level(recurrent, level, Of, x, here, states, ref state, carryAt, carried);
                    break;
                case DenseSpec dense:
                    double[] weight = Of("weight"), bias = Of("bias");
                    x = [.. x.Select(row => Affine(weight, bias, row, dense.Units))];
                    break;
                case EmbeddingSpec embedding:
                    double[] table = Of("weight");
                    x = [.. x.Select(row => table[((int)row[0] * embedding.Size)..(((int)row[0] + 1) * embedding.Size)])];
                    break;
                case LastStepSpec:
                    int last = here is null ? -1 : Array.FindLastIndex(here, there => there != 0);
                    x = [x[last < 0 ? x.Length - 1 : last]];
                    follows = false;
                    break;
                case RepeatSpec repeat:
                    x = [.. Enumerable.Range(0, repeat.Steps).Select(step => step == 0 || repeat.Fill == RepeatFill.Value ? x[0] : new double[x[0].Length])];
                    follows = false;
                    break;
                case var other:
                    throw new NotSupportedException($"{other}");
            }
        }
        return x;
    }

    private static double[][] Level(
        RecurrentSpec spec, int level, Func<string, double[]> parameter, double[][] x, float[]? mask, double[]? states, ref int state, int carryAt, double[]? carried)
    {
        int units = spec.Units, hAt = state, cAt = state + units;
        bool hasCell = spec is LstmSpec;
        state += hasCell ? 2 * units : units;
        double[] h = states is null ? new double[units] : states[hAt..(hAt + units)];
        double[] c = states is null || !hasCell ? new double[units] : states[cAt..(cAt + units)];
        double[][] y = new double[x.Length][];
        double[] P(string name) => parameter($"{name}_l{level}");
        for (int t = 0; t <= x.Length; t++)
        {
            if (t == carryAt && carried is not null)
            {
                h.CopyTo(carried, hAt);
                if (hasCell)
                    c.CopyTo(carried, cAt);
            }
            if (t == x.Length)
                break;
            if (mask is null || mask[t] != 0)
            {
                (h, c) = spec switch
                {
                    RnnSpec rnn => (Rnn(rnn, P, x[t], h), c),
                    LstmSpec lstm => Lstm(lstm, P, x[t], h, c),
                    GruSpec gru => (Gru(gru, P, x[t], h), c),
                    _ => throw new NotSupportedException(),
                };
            }
            y[t] = h;
        }
        return y;
    }

    private static double[] Rnn(RnnSpec spec, Func<string, double[]> p, double[] x, double[] h)
    {
        double[] wx = Affine(p("weight_ih"), p("bias_ih"), x, spec.Units), uh = Affine(p("weight_hh"), null, h, spec.Units);
        return [.. wx.Zip(uh, (a, b) => spec.Activation == RecurrentActivation.Relu ? Math.Max(0, a + b) : Math.Tanh(a + b))];
    }

    private static (double[] H, double[] C) Lstm(LstmSpec spec, Func<string, double[]> p, double[] x, double[] h, double[] c)
    {
        int units = spec.Units, blocks = spec.Coupled ? 3 : 4;
        double[] wx = Affine(p("weight_ih"), p("bias_ih"), x, blocks * units), uh = Affine(p("weight_hh"), null, h, blocks * units);
        double Peephole(string gate, double[] cell, int u) => spec.Peephole switch
        {
            PeepholeKind.Diagonal => p($"peephole_{gate}")[u] * cell[u],
            PeepholeKind.Full => Affine(p($"peephole_{gate}"), null, cell, units)[u],
            _ => 0,
        };
        double[] newC = new double[units], newH = new double[units];
        double A(int block, int u) => wx[(block * units) + u] + uh[(block * units) + u];
        int f = spec.Coupled ? 0 : 1;
        for (int u = 0; u < units; u++)
        {
            double forget = Sigmoid(A(f, u) + Peephole("f", c, u));
            double input = spec.Coupled ? 1 - forget : Sigmoid(A(0, u) + Peephole("i", c, u));
            newC[u] = (forget * c[u]) + (input * Math.Tanh(A(f + 1, u)));
        }
        for (int u = 0; u < units; u++)
            newH[u] = Sigmoid(A(f + 2, u) + Peephole("o", newC, u)) * Math.Tanh(newC[u]);
        return (newH, newC);
    }

    private static double[] Gru(GruSpec spec, Func<string, double[]> p, double[] x, double[] h)
    {
        int units = spec.Units;
        double[] wx = Affine(p("weight_ih"), p("bias_ih"), x, 3 * units), uh = Affine(p("weight_hh"), null, h, 3 * units);
        double[] r = new double[units], result = new double[units];
        for (int u = 0; u < units; u++)
            r[u] = Sigmoid(wx[u] + uh[u]);
        double[] candidate = Affine(p("weight_hh")[(2 * units * units)..], null, [.. r.Zip(h, (a, b) => a * b)], units);
        for (int u = 0; u < units; u++)
        {
            double z = Sigmoid(wx[units + u] + uh[units + u]);
            double part = spec.ResetAfter ? r[u] * (uh[(2 * units) + u] + p("bias_hn")[u]) : candidate[u];
            result[u] = ((1 - z) * Math.Tanh(wx[(2 * units) + u] + part)) + (z * h[u]);
        }
        return result;
    }

    private static double[] Affine(double[] weight, double[]? bias, double[] x, int rows)
    {
        double[] y = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            y[row] = bias is null ? 0 : bias[row];
            for (int k = 0; k < x.Length; k++)
                y[row] += weight[(row * x.Length) + k] * x[k];
        }
        return y;
    }

    private static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));
}
