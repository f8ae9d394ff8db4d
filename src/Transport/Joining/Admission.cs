using Lockstep.Transport.Connections;

namespace Lockstep.Transport.Joining;

/// <summary>A client that proved that it knows the token, has the same versions, and asks to be let in.</summary>
/// <param name="Remote">Its address, for messages.</param>
/// <param name="Hello">What its application says of itself, at most 4 KiB.</param>
public sealed record JoinRequest(string Remote, ReadOnlyMemory<byte> Hello);

/// <summary>The answer to a <see cref="JoinRequest"/>.</summary>
public sealed class Admission
{
    private Admission()
    {
    }

    internal byte[] WelcomeBytes { get; private init; } = [];

    internal IFrameHandler? Handler { get; private init; }

    internal string? Peer { get; private init; }

    internal RefusalCode Refusal { get; private init; }

    internal string Text { get; private init; } = string.Empty;

    /// <param name="welcome">For the client's application, at most 64 KiB.</param>
    /// <param name="handler">Of the connection. From here on it will be told of its end, whatever happens.</param>
    /// <param name="peer">Names the peer in messages; its address if null.</param>
    public static Admission Welcome(ReadOnlySpan<byte> welcome, IFrameHandler handler, string? peer = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(welcome.Length, HandshakeMessages.MaximumWelcome, nameof(welcome));
        return new Admission { WelcomeBytes = welcome.ToArray(), Handler = handler, Peer = peer };
    }

    /// <param name="code"><see cref="RefusalCode.Full"/> makes the client try again; most others make it give up.</param>
    /// <param name="text">Shown to the client's user: say what to do.</param>
    public static Admission Refuse(RefusalCode code, string text)
    {
        if (code == RefusalCode.None)
            throw new ArgumentException("A refusal needs a code.", nameof(code));
        return new Admission { Refusal = code, Text = text };
    }
}

/// <summary>Somebody who came to a listener and did not get in.</summary>
/// <param name="Remote">Their address.</param>
/// <param name="Fault">What went wrong.</param>
/// <param name="Refusal">What they were answered, if they were.</param>
/// <param name="Text">For the log.</param>
/// <param name="Cause">What was thrown, if anything was.</param>
public sealed record TurnedAway(string Remote, JoinFault Fault, RefusalCode Refusal, string Text, Exception? Cause);

/// <summary>Decides who gets in. Called on the handshakes' own threads, several at a time.</summary>
public interface IDoorkeeper
{
    /// <summary>Called only after the client proved that it knows the token. Must answer well within the handshake's deadline.</summary>
    Admission Decide(JoinRequest request);

    /// <summary>For the log; must not throw.</summary>
    void TurnedAway(TurnedAway who);
}
