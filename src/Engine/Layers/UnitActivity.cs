using Lockstep.Engine.Models;

namespace Lockstep.Engine.Layers;

/// <summary>
/// Which units of a relu are ever above zero: a unit is a channel of an image, else a place of the last axis. A slot a unit counts its outputs above zero, one more all
/// outputs.
/// </summary>
internal static unsafe class UnitActivity
{
    public static int Slots(Shape shape) => Units(shape) + 1;

    public static void Count(Pass pass, Layer layer, float* output, double* values, int stride)
    {
        int units = Units(layer.Output), length = pass.LengthOf(layer.Output);
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            for (int slot = 0; slot <= units; slot++)
                values[((long)slot * stride) + sample] = 0;
            float* y = output + ((long)sample * length);
            if (layer.Output.Rank == 3)
                CountPlanes(y, units, length / units, values + sample, stride);
            else
                CountRows(pass, layer, sample, y, units, length / units, values + sample, stride);
        }
    }

    public static IReadOnlyList<(string Name, double Value)> Values(ReadOnlySpan<double> sums)
    {
        ReadOnlySpan<double> units = sums[..^1];
        double active = 0;
        int dead = 0;
        foreach (double count in units)
        {
            active += count;
            dead += count == 0 ? 1 : 0;
        }
        return [("zeroOutputs", 1 - (active / sums[^1])), ("deadUnits", (double)dead / units.Length)];
    }

    private static int Units(Shape shape) => shape.Rank switch
    {
        0 => 1,
        3 => shape[0],
        _ => shape[shape.Rank - 1],
    };

    private static void CountPlanes(float* y, int units, int plane, double* values, int stride)
    {
        for (int unit = 0; unit < units; unit++)
        {
            int above = 0;
            for (int i = 0; i < plane; i++)
                above += y[(unit * plane) + i] > 0 ? 1 : 0;
            values[(long)unit * stride] = above;
        }
        values[(long)units * stride] = units * plane;
    }

    private static void CountRows(Pass pass, Layer layer, int sample, float* y, int units, int rows, double* values, int stride)
    {
        float* mask = layer.Output.Rank == 2 && layer.FollowsInput && pass.InputMask is not null ? pass.InputMask + ((long)sample * rows) : null;
        for (int row = 0; row < rows; row++)
        {
            if (mask is not null && mask[row] == 0)
                continue;
            for (int unit = 0; unit < units; unit++)
                values[(long)unit * stride] += y[(row * units) + unit] > 0 ? 1 : 0;
            values[(long)units * stride] += units;
        }
    }
}
