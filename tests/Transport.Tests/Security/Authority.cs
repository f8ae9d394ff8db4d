using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lockstep.Transport.Tests.Security;

/// <summary>An organisation that issues certificates.</summary>
internal sealed class Authority
{
    private static readonly DateTimeOffset Begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private Authority(X509Certificate2 root, X509Certificate2 intermediate) => (Root, Intermediate) = (root, intermediate);

    public X509Certificate2 Root { get; }

    public X509Certificate2 Intermediate { get; }

    public static Authority Create(string name)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 root = Request($"CN={name} root", rootKey, isAuthority: true).CreateSelfSigned(Begin, End);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 issued = Request($"CN={name} intermediate", key, isAuthority: true).Create(root, Begin, End, [1]);
        return new Authority(root, issued.CopyWithPrivateKey(key));
    }

    /// <summary>A machine's certificate, and the one between it and the root.</summary>
    public X509Certificate2Collection Issue(string name, DateTimeOffset? end = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 issued = Request($"CN={name}", key, isAuthority: false).Create(Intermediate, Begin, end ?? End, RandomNumberGenerator.GetBytes(8));
        return [issued.CopyWithPrivateKey(key), X509CertificateLoader.LoadCertificate(Intermediate.RawData)];
    }

    private static CertificateRequest Request(string subject, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        return request;
    }
}
