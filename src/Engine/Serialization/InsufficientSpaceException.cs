namespace Lockstep.Engine.Serialization;

/// <summary>The disk has too little free space for what is to be written.</summary>
public sealed class InsufficientSpaceException : IOException
{
    public InsufficientSpaceException(string path, long needed, long? available, Exception? inner = null)
        : base($"{path}: {Amount(needed)} are needed, but the disk has {(available is { } free ? Amount(free) : "no more space")}"
            + $"{(available is null ? "" : " free")}. Free some space or write to another disk.", inner)
    {
        Path = path;
        Needed = needed;
        Available = available;
    }

    /// <summary>The file that was to be written.</summary>
    public string Path { get; }

    /// <summary>How many bytes it needs.</summary>
    public long Needed { get; }

    /// <summary>How many bytes were free; null where the disk became full while it was written.</summary>
    public long? Available { get; }

    private static string Amount(long bytes) => bytes < 1 << 20
        ? FormattableString.Invariant($"{bytes} bytes")
        : FormattableString.Invariant($"{bytes / (double)(1 << 20):F1} MiB");
}
