using Lockstep.Cli.Exits;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;

namespace Lockstep.Cli.Runs;

/// <summary>How the two planes shall be protected. Both sides decide by the same rule, of their own words alone.</summary>
/// <param name="ForceTls">On loopback and Unix domain sockets too.</param>
/// <param name="AllowPlaintext">Not beyond loopback either.</param>
/// <param name="Certificates">In place of the identity that is made of the token.</param>
public sealed record SecurityRequest(bool ForceTls, bool AllowPlaintext, CertificateFiles? Certificates)
{
    /// <summary>Plain on this machine, and encrypted beyond it.</summary>
    public static readonly SecurityRequest Default = new(false, false, null);

    /// <summary>The identity for an endpoint; null where it is not encrypted.</summary>
    /// <param name="isLocal">Whether the endpoint is on loopback, or a Unix domain socket.</param>
    /// <param name="token">The join token.</param>
    /// <exception cref="InputException">The options contradict each other, or a file cannot be used.</exception>
    public PlaneIdentity? Identity(bool isLocal, JoinToken token)
    {
        if (AllowPlaintext && ForceTls)
            throw new InputException("--tls encrypts and --allow-plaintext gives it up: leave one of them out.");
        if (AllowPlaintext && Certificates is not null)
            throw new InputException("--certificate encrypts and --allow-plaintext gives it up: leave one of them out.");
        if (Certificates is not null)
            return Certificates.Load();
        return ForceTls || (!isLocal && !AllowPlaintext) ? PlaneIdentity.OfToken(token) : null;
    }

    /// <summary>What the worker command needs, so that a worker does the same; begins with a blank.</summary>
    public string WorkerArguments(bool isLocal) =>
        Certificates is not null ? " --certificate …"
        : AllowPlaintext && !isLocal ? " --allow-plaintext"
        : ForceTls && isLocal ? " --tls"
        : "";
}
