using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;

namespace Lockstep.Protocol.Serialization;

/// <summary>What a node's control plane needs to speak TLS.</summary>
/// <param name="Certificate">Its certificate, with the private key.</param>
/// <param name="Trusts">Whether a peer's certificate, with the chain that came with it, makes it one of the cluster.</param>
public sealed record ControlPlaneSecurity(X509Certificate2 Certificate, Func<X509Certificate2?, X509Chain?, bool> Trusts);

/// <summary>Starts the actor systems of a cluster.</summary>
public static class ControlPlane
{
    /// <summary>Starts a node.</summary>
    /// <param name="host">The name or address that other nodes reach it by.</param>
    /// <param name="port">0 for any free one.</param>
    /// <param name="security">For mutual TLS; null for connections that are not encrypted.</param>
    /// <param name="roles">Its roles in the cluster.</param>
    public static ActorSystem Start(string host, int port, ControlPlaneSecurity? security, params IReadOnlyList<string> roles)
    {
        Setup setup = BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString(ControlPlaneSettings.Hocon(host, port, security is not null, roles)));
        return ActorSystem.Create(ControlPlaneSettings.SystemName, security is null ? ActorSystemSetup.Create(setup) : ActorSystemSetup.Create(setup, Tls(security)));
    }

    /// <summary>The scheme of nodes' addresses.</summary>
    public static string Scheme(bool isEncrypted) => isEncrypted ? "akka.ssl.tcp" : "akka.tcp";

    // Both sides show a certificate, and who shows none is refused; whether it is believed is asked of us alone, for a chain to some authority of the machine says nothing here.
    private static DotNettySslSetup Tls(ControlPlaneSecurity security) => new(
        security.Certificate,
        suppressValidation: false,
        requireMutualAuthentication: true,
        validateCertificateHostname: false,
        (certificate, chain, peer, errors, log) =>
        {
            bool isTrusted = !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) && security.Trusts(certificate, chain);
            if (!isTrusted)
                log.Warning("{0} was turned away from the control plane: {1}", peer, certificate is null ? "it has no certificate" : $"its certificate ({certificate.Subject}) is not one of this cluster");
            return isTrusted;
        });
}
