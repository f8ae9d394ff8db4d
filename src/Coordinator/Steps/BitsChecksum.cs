using Lockstep.Transport.Frames;

namespace Lockstep.Coordinator.Steps;

/// <summary>
/// The checksum of a contribution's bits, by which two copies of one node are compared. Where the bits stay as they are for the rest of the step it is made only
/// when somebody asks for it, which is when there is a second copy.
/// </summary>
public readonly unsafe struct BitsChecksum
{
    private readonly ulong _known;
    private readonly void* _bits;
    private readonly int _length;

    private BitsChecksum(ulong known, void* bits, int length)
    {
        _known = known;
        _bits = bits;
        _length = length;
    }

    /// <summary>The checksum.</summary>
    public ulong Value => _bits is null ? _known : Checksum.Of(new ReadOnlySpan<byte>(_bits, _length));

    /// <param name="bits">They must stay, and stay as they are, until the step is over.</param>
    /// <param name="length">Bytes.</param>
    public static BitsChecksum WhenAsked(void* bits, int length) => new(0, bits, length);

    public static implicit operator BitsChecksum(ulong known) => new(known, null, 0);
}
