using CsCheck;
using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Tests.Reduction;

internal static class TreeGenerators
{
    /// <summary>One of the given values.</summary>
    public static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    /// <summary>1 to 64 leaves.</summary>
    public static readonly Gen<int> Shards = Gen.Int[0, 6].Select(power => 1 << power);

    /// <summary>Numbers whose sum shows the order of addition: of very different size, of both signs, and both zeros.</summary>
    public static readonly Gen<float> Leaf = Gen.Frequency(
        (6, Gen.Select(Gen.Float[-1f, 1f], Gen.Int[-60, 60], (mantissa, exponent) => mantissa * MathF.ScaleB(1f, exponent))),
        (1, OneOf(0f, -0f, float.Epsilon, -float.Epsilon, 1f, -1f, 16_777_216f)));

    /// <summary>Any node of a tree: small ones more often than large ones.</summary>
    public static Gen<TreeNode> Node(int shards) =>
        from power in Gen.Int[0, int.Log2(shards)]
        from place in Gen.Int[0, (shards >> power) - 1]
        select new TreeNode(place << power, 1 << power);

    /// <summary>A whole number such as a broken or hostile sender might put on the wire.</summary>
    public static readonly Gen<int> WireNumber = Gen.Frequency(
        (3, Gen.Int[-3, 70]),
        (1, Gen.Int),
        (1, Gen.Int[0, 31].Select(power => 1 << power)),
        (1, OneOf(int.MaxValue, int.MinValue, int.MaxValue - 1, 1 << 30, 3 << 29)));
}
