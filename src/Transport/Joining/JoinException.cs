using System.Net.Sockets;

namespace Lockstep.Transport.Joining;

/// <summary>A client did not get in. The message says what to do.</summary>
public sealed class JoinException : Exception
{
    public JoinException(JoinFault fault, string message, RefusalCode refusal = RefusalCode.None, Exception? inner = null)
        : base(message, inner)
    {
        Fault = fault;
        Refusal = refusal;
    }

    public JoinFault Fault { get; }

    /// <summary>What the server answered, if <see cref="Fault"/> is <see cref="JoinFault.Refused"/>.</summary>
    public RefusalCode Refusal { get; }

    /// <summary>Whether the same attempt may succeed later: nobody is there yet, or no place is free.</summary>
    public bool IsTransient =>
        Fault is JoinFault.Unreachable or JoinFault.TimedOut or JoinFault.Broken or JoinFault.Busy || Refusal == RefusalCode.Full;

    /// <summary>
    /// Whether the machine itself answered that nobody listens there: the process that did is gone. Silence says no such thing, since a network that is cut is
    /// silent too.
    /// </summary>
    public bool NobodyListens => Fault == JoinFault.Unreachable && InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
}

/// <summary>A listener could not be opened. The message says what to do.</summary>
public sealed class ListenException(string message, bool isInUse, Exception inner) : Exception(message, inner)
{
    /// <summary>Somebody else listens there.</summary>
    public bool IsInUse { get; } = isInUse;
}
