using Lockstep.Engine.Functions;

namespace Lockstep.Engine.Randomness;

/// <summary>
/// Random numbers without state: each is a function of what it is for, (seed, purpose, layer or parameter; epoch or step,
/// sample, element), so it does not matter who asks, or in which order.
/// </summary>
/// <remarks>
/// The key of Philox is derived from (seed, purpose, layer) by Philox itself; its counter is (element/4, sample, major),
/// and the element's last two bits choose one of the four words.
/// </remarks>
public readonly struct CounterRandom
{
    private const double TwoPi = 6.2831853071795865;
    private const float UnitOf24Bits = 1f / (1 << 24);
    private const double UnitOf32Bits = 1.0 / (1L << 32);

    private readonly uint _key0;
    private readonly uint _key1;

    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">What the numbers are for.</param>
    /// <param name="layerOrParameter">Which layer or parameter they belong to, where there are several.</param>
    public CounterRandom(ulong seed, RandomPurpose purpose, uint layerOrParameter = 0)
    {
        RandomBlock key = Philox.Words(new RandomBlock((uint)purpose, layerOrParameter, 0, 0), (uint)seed, (uint)(seed >> 32));
        _key0 = key.Word0;
        _key1 = key.Word1;
    }

    /// <summary>32 random bits.</summary>
    /// <param name="major">The epoch or step.</param>
    /// <param name="sample">The sample, 0 where there is none.</param>
    /// <param name="element">The element within it.</param>
    public uint Bits(ulong major, uint sample, uint element)
    {
        RandomBlock words = Block(major, sample, element / 4);
        return (element & 3) switch
        {
            0 => words.Word0,
            1 => words.Word1,
            2 => words.Word2,
            _ => words.Word3,
        };
    }

    /// <summary>The bits of the four elements 4·<paramref name="quadruple"/> to 4·<paramref name="quadruple"/> + 3.</summary>
    public RandomBlock Block(ulong major, uint sample, uint quadruple) =>
        Philox.Words(new RandomBlock(quadruple, sample, (uint)major, (uint)(major >> 32)), _key0, _key1);

    /// <summary>The bits of many elements in a row.</summary>
    /// <param name="major">The epoch or step.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="firstQuadruple">The first element's number, divided by 4.</param>
    /// <param name="words">Receives 4·quadruples words.</param>
    /// <param name="quadruples">How many elements, divided by 4.</param>
    internal unsafe void Fill(ulong major, uint sample, uint firstQuadruple, uint* words, int quadruples) =>
        PhiloxRun.Fill(new RandomBlock(firstQuadruple, sample, (uint)major, (uint)(major >> 32)), _key0, _key1, words, quadruples);

    /// <summary>Uniform in [0, 1): the upper 24 of the element's bits, so every value is exact and 1 never comes.</summary>
    public float Uniform(ulong major, uint sample, uint element) => UniformOf(Bits(major, sample, element));

    /// <summary>Uniform in [0, 1), made of a random word.</summary>
    public static float UniformOf(uint bits) => (bits >> 8) * UnitOf24Bits;

    /// <summary>
    /// Normally distributed, mean 0 and variance 1: elements 2i and 2i + 1 are √(−2 ln u)·cos 2πv and √(−2 ln u)·sin 2πv, with
    /// u in (0, 1] and v in [0, 1) from the bits of the two elements (Box and Muller, Annals of Mathematical Statistics 29, 1958).
    /// The largest magnitude is 6.66.
    /// </summary>
    public double Gaussian(ulong major, uint sample, uint element)
    {
        RandomBlock words = Block(major, sample, element / 4);
        (uint first, uint second) = (element & 2) == 0 ? (words.Word0, words.Word1) : (words.Word2, words.Word3);
        double u = (first + 1.0) * UnitOf32Bits;
        double angle = second * UnitOf32Bits * TwoPi;
        double radius = Math.Sqrt(-2 * ScalarMath.Log(u));
        return radius * ((element & 1) == 0 ? ScalarMath.Cos(angle) : ScalarMath.Sin(angle));
    }

    /// <summary>
    /// A whole number in [0, <paramref name="bound"/>), every one equally likely: random words, of which the rare values that
    /// would favour small results are refused and drawn again. (Lemire, ACM TOMACS 29, 2019.)
    /// </summary>
    public uint Below(uint bound, ulong major, uint sample, uint element)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bound);
        uint threshold = unchecked(0u - bound) % bound;
        RandomBlock words = Block(major, sample, element);
        for (uint attempt = 1; ; attempt++)
        {
            foreach (uint word in (ReadOnlySpan<uint>)[words.Word0, words.Word1, words.Word2, words.Word3])
            {
                ulong product = (ulong)word * bound;
                if ((uint)product >= threshold)
                    return (uint)(product >> 32);
            }
            words = Philox.Words(words, _key0 ^ attempt, _key1);
        }
    }
}
