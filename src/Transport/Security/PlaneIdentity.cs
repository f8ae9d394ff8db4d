using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lockstep.Transport.Joining;

namespace Lockstep.Transport.Security;

/// <summary>
/// Who this process is to its peers under TLS, and whom it takes for one of them. Of the token, both are one key: whoever holds the
/// token can make it, and nobody else. Of files, it is the organisation's certificate, and a peer has the same public key, or one
/// that the given authority vouches for. Lives as long as the process.
/// </summary>
public sealed class PlaneIdentity
{
    // A certificate of the token is believed for its key alone; its dates say nothing.
    private static readonly DateTimeOffset Always = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Forever = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    private readonly byte[] _pin;
    private readonly X509Certificate2Collection? _authorities;

    private PlaneIdentity(X509Certificate2 certificate, X509Certificate2Collection? chain, X509Certificate2Collection? authorities, string mismatch)
    {
        Certificate = certificate;
        Chain = chain;
        _authorities = authorities;
        _pin = certificate.PublicKey.ExportSubjectPublicKeyInfo();
        Mismatch = mismatch;
    }

    /// <summary>This side's certificate with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>What a peer that is not believed is told to look at.</summary>
    internal string Mismatch { get; }

    /// <summary>Certificates between this side's and its authority's; null where there are none.</summary>
    internal X509Certificate2Collection? Chain { get; }

    /// <summary>The identity of all who hold the token.</summary>
    public static PlaneIdentity OfToken(JoinToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        using ECDsa key = TokenKey.Derive(token);
        var request = new CertificateRequest("CN=lockstep", key, HashAlgorithmName.SHA256);
        X509Certificate2 certificate = request.CreateSelfSigned(Always, Forever);
        return new PlaneIdentity(Usable(certificate), null, null, "its join token is another: copy the worker command again from what the coordinator printed");
    }

    /// <summary>An organisation's own certificate.</summary>
    /// <param name="certificates">The certificate with its private key first; then those between it and its authority.</param>
    /// <param name="authorities">Whose certificates are believed; null to believe only the key of this side's own, which all machines then have.</param>
    /// <exception cref="CryptographicException">The first has no private key.</exception>
    public static PlaneIdentity OfCertificates(X509Certificate2Collection certificates, X509Certificate2Collection? authorities)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        if (certificates.Count == 0 || !certificates[0].HasPrivateKey)
            throw new CryptographicException("The certificate has no private key.");
        if (authorities is { Count: 0 })
            throw new CryptographicException("There is no certificate of an authority.");
        X509Certificate2Collection? chain = certificates.Count > 1 ? [.. certificates.Skip(1)] : null;
        return new PlaneIdentity(
            Usable(certificates[0]), chain, authorities,
            authorities is null
                ? "its certificate is another: give all machines the same --certificate, or a --certificate-authority that vouches for each"
                : "its certificate is none of the --certificate-authority: use one that this authority has issued");
    }

    /// <summary>Whether a certificate that a peer proved to have the key of makes it one of us.</summary>
    /// <param name="peer">The peer's; null where it showed none.</param>
    /// <param name="shown">What came with it, to build a chain of.</param>
    public bool Trusts(X509Certificate2? peer, X509Chain? shown)
    {
        if (peer is null)
            return false;
        if (_authorities is null)
            return CryptographicOperations.FixedTimeEquals(_pin, peer.PublicKey.ExportSubjectPublicKeyInfo());
        using var chain = new X509Chain { ChainPolicy = ChainPolicy() };
        if (shown is not null)
        {
            foreach (X509ChainElement element in shown.ChainElements)
                chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }
        return chain.Build(peer);
    }

    /// <summary>How a chain is built: of what was shown alone, without a look at the network or the machine's authorities.</summary>
    internal X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authorities ?? [Certificate]);
        return policy;
    }

    public override string ToString() => $"PlaneIdentity ({Certificate.Subject})";

    // Schannel takes no key that lives in memory only; a container that was read from bytes it takes.
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
            return certificate;
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
