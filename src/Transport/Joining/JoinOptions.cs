using Lockstep.Transport.Connections;
using Lockstep.Transport.Security;

namespace Lockstep.Transport.Joining;

/// <summary>What both sides must agree on, and how long they try.</summary>
public sealed record JoinOptions
{
    /// <summary>Longest build fingerprint, in UTF-8 bytes.</summary>
    public const int MaximumFingerprint = 256;

    /// <summary>The shared secret.</summary>
    public required JoinToken Token { get; init; }

    /// <summary>The version of what the application says in frames; both sides must have the same.</summary>
    public required uint ProtocolVersion { get; init; }

    /// <summary>Names the build. Both sides must have the same; a server with an empty one takes any.</summary>
    public required string BuildFingerprint { get; init; }

    /// <summary>For TLS, which both sides must then speak; null for connections that are not encrypted.</summary>
    public PlaneIdentity? Identity { get; init; }

    /// <summary>For a whole handshake, connecting included; default 5 s.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Handshakes that a listener has under way at once; further clients are closed; default 32. Clients ignore it.</summary>
    public int MaximumHandshakes { get; init; } = 32;

    /// <summary>For the connections that come of it.</summary>
    public ConnectionOptions Connection { get; init; } = new();

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Token);
        ArgumentNullException.ThrowIfNull(BuildFingerprint);
        if (System.Text.Encoding.UTF8.GetByteCount(BuildFingerprint) > MaximumFingerprint)
            throw new ArgumentException($"The build fingerprint has more than {MaximumFingerprint} bytes: use a hash.");
        ArgumentOutOfRangeException.ThrowIfLessThan(Deadline, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumHandshakes, 1);
        Connection.Validate();
    }
}
