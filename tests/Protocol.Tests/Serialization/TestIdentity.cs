using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lockstep.Protocol.Serialization;

namespace Lockstep.Protocol.Tests.Serialization;

/// <summary>A certificate of its own, and nodes that believe its key alone.</summary>
internal static class TestIdentity
{
    public static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    public static ControlPlaneSecurity Security()
    {
        X509Certificate2 certificate = Certificate();
        byte[] pin = certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return new ControlPlaneSecurity(certificate, (peer, _) => peer is not null && peer.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(pin));
    }
}
