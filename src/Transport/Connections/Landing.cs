namespace Lockstep.Transport.Connections;

/// <summary>Where a payload shall go: a handler's answer to a header.</summary>
public readonly unsafe struct Landing
{
    private Landing(byte* pointer, long capacity, string? refusal)
    {
        Pointer = pointer;
        Capacity = capacity;
        Refusal = refusal;
    }

    /// <summary>The payload is received, checked and forgotten, and its credit goes back by itself.</summary>
    public static Landing Discard => default;

    /// <summary>First byte of the memory, or null.</summary>
    public byte* Pointer { get; }

    /// <summary>Bytes that may be written.</summary>
    public long Capacity { get; }

    /// <summary>Why the frame ends the connection, or null.</summary>
    public string? Refusal { get; }

    /// <param name="pointer">Stays valid until <see cref="IFrameHandler.Received"/> or <see cref="IFrameHandler.Abandoned"/> is called for the frame.</param>
    /// <param name="capacity">Bytes there; a longer payload is refused instead of written.</param>
    public static Landing At(void* pointer, long capacity)
    {
        ArgumentNullException.ThrowIfNull(pointer);
        return new Landing((byte*)pointer, capacity, null);
    }

    /// <summary>The frame breaks the application's rules: the connection is closed.</summary>
    public static Landing Refuse(string why) => new(null, 0, why);
}
