namespace Lockstep.Transport.Joining;

/// <summary>Why a server turned a client away. The numbers are on the wire: never reused.</summary>
public enum RefusalCode : ushort
{
    None = 0,
    WrongToken = 1,
    OtherTransport = 2,
    OtherProtocol = 3,
    OtherBuild = 4,

    /// <summary>There is no place now; there may be one later.</summary>
    Full = 5,

    /// <summary>What the application says in its text.</summary>
    Other = 6,

    /// <summary>The handshake itself was not understood.</summary>
    Malformed = 7,

    /// <summary>The server speaks TLS only.</summary>
    NotEncrypted = 8,
}

/// <summary>Why two sides did not come together.</summary>
public enum JoinFault
{
    /// <summary>Nobody answers at the endpoint, or its name is unknown.</summary>
    Unreachable,

    /// <summary>The other side did not answer within the deadline.</summary>
    TimedOut,

    /// <summary>The connection ended during the handshake.</summary>
    Broken,

    /// <summary>The other side is something else: a web server, a port scanner.</summary>
    NotLockstep,

    /// <summary>The other side speaks another version of the transport.</summary>
    OtherTransport,

    /// <summary>TLS did not come about: no certificate, or one that the other side does not believe, or no TLS at all.</summary>
    NotAuthenticated,

    /// <summary>A handshake message was damaged or made no sense.</summary>
    Malformed,

    /// <summary>The server could not prove that it knows the join token: it is not the one to join.</summary>
    UntrustedServer,

    /// <summary>The server refused; the <see cref="RefusalCode"/> says why.</summary>
    Refused,

    /// <summary>Too many handshakes were under way.</summary>
    Busy,

    /// <summary>The code that decides on admission threw.</summary>
    AdmissionFailed,
}
