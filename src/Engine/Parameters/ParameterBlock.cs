namespace Lockstep.Engine.Parameters;

/// <summary>
/// A fixed run of the flat buffers: what is sent, summed, normed and updated as one piece. It never spans two buckets.
/// </summary>
/// <param name="Index">Its number, in the order of the flat buffer.</param>
/// <param name="Bucket">The bucket that it belongs to.</param>
/// <param name="Offset">First number, a multiple of <see cref="ParameterLayout.Alignment"/>.</param>
/// <param name="Length">How many numbers, at most <see cref="ParameterLayout.MaximumBlockLength"/>.</param>
public readonly record struct ParameterBlock(int Index, int Bucket, long Offset, int Length);

/// <summary>
/// A run of whole layers whose gradients leave together: all are final once the backward pass has left the first of them.
/// </summary>
/// <param name="Index">Its number, in the order of the flat buffer.</param>
/// <param name="FirstLayer">The first layer; the bucket is ready once this layer's backward pass is done, or before it begins: <see cref="AfterForward"/>.</param>
/// <param name="FirstBlock">Its first block.</param>
/// <param name="BlockCount">How many blocks it has.</param>
public readonly record struct GradientBucket(int Index, int FirstLayer, int FirstBlock, int BlockCount)
{
    /// <summary>In place of a layer: the bucket is ready once the forward pass is done.</summary>
    public const int AfterForward = int.MaxValue;
}
