using Lockstep.Engine.Functions;
using Lockstep.Engine.Randomness;

namespace Lockstep.Engine.Models;

/// <summary>
/// Chooses a token by the outputs of a step: k with probability exp(y_k/τ)/Σⱼ exp(y_j/τ), or of probabilities p_k^(1/τ)/Σⱼ p_j^(1/τ), where τ is the temperature.
/// A draw is a function of seed, sequence, step and outputs alone.
/// </summary>
/// <remarks>Exponentials and their sums are float64, added in the order of the tokens.</remarks>
public sealed unsafe class TokenSampler
{
    private const double UnitOf53Bits = 1.0 / (1L << 53);

    private readonly CounterRandom _random;
    private readonly double _temperature;
    private readonly bool _ofProbabilities;
    private double[] _weights = [];

    /// <param name="seed">Other seeds draw others.</param>
    /// <param name="temperature">τ above 0: below 1 likely tokens become likelier still, above 1 all become more alike.</param>
    /// <param name="ofProbabilities">Whether outputs are probabilities; else they are the numbers before a softmax.</param>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not above 0 and finite.</exception>
    public TokenSampler(ulong seed, double temperature = 1, bool ofProbabilities = false)
    {
        if (!(temperature > 0) || !double.IsFinite(temperature))
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "A temperature is above 0 and finite.");
        _random = new CounterRandom(seed, RandomPurpose.Sampling);
        _temperature = temperature;
        _ofProbabilities = ofProbabilities;
    }

    /// <summary>The place of the largest number, of equal ones the first. A NaN is never the largest.</summary>
    public static int Largest(float* output, int count)
    {
        int best = 0;
        for (int i = 1; i < count; i++)
        {
            if (output[i] > output[best] || (float.IsNaN(output[best]) && !float.IsNaN(output[i])))
                best = i;
        }
        return best;
    }

    /// <summary>Draws a token.</summary>
    /// <param name="output">[K], a number for each token.</param>
    /// <param name="count">K.</param>
    /// <param name="sequence">Which sequence.</param>
    /// <param name="step">Which step of it.</param>
    public int Draw(float* output, int count, int sequence, long step)
    {
        if (_weights.Length < count)
            _weights = new double[count];
        int largest = Largest(output, count);
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += Weight(output[i], output[largest]);
            _weights[i] = sum;
        }
        RandomBlock words = _random.Block((ulong)step, (uint)sequence, 0);
        double bound = ((((ulong)words.Word0 << 21) | (words.Word1 >> 11)) * UnitOf53Bits) * sum;
        for (int i = 0; i < count; i++)
        {
            // Where rounding leaves the bound at the sum itself, or a NaN leaves no order, the largest is taken.
            if (bound < _weights[i])
                return i;
        }
        return largest;
    }

    // Relative to the largest, whose weight is 1.
    private double Weight(float y, float largest)
    {
        if (_ofProbabilities)
            return y > 0 ? ScalarMath.Exp((ScalarMath.Log(y) - ScalarMath.Log(largest)) / _temperature) : 0;
        double exponent = ((double)y - largest) / _temperature;
        return double.IsNaN(exponent) ? 0 : ScalarMath.Exp(exponent);
    }
}
