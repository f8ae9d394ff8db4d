namespace Lockstep.Fuzz;

/// <summary>A reader of bytes from outside, and what it may do with any of them.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="Seeds">Sound inputs to start from.</param>
/// <param name="Read">Reads one. It either answers or throws what <paramref name="MayThrow"/> lets pass.</param>
/// <param name="MayThrow">The format's own refusals.</param>
public sealed record FuzzTarget(string Name, byte[][] Seeds, Action<byte[]> Read, Func<Exception, bool> MayThrow)
{
    /// <summary>Managed bytes that one input may cost, beyond <see cref="BytesPerByte"/> for each of its own.</summary>
    public long AllowedBytes { get; init; } = 4 << 20;

    /// <summary>Managed bytes for each byte of the input.</summary>
    public long BytesPerByte { get; init; } = 64;

    /// <summary>Words of the format, to be put anywhere.</summary>
    public byte[][] Words { get; init; } = [];

    /// <summary>Makes checksums right again, so that a changed input gets past them; null where the format has none.</summary>
    public Action<byte[]>? Repair { get; init; }

    /// <summary>Longest input.</summary>
    public int MostBytes { get; init; } = 16 * 1024;
}
