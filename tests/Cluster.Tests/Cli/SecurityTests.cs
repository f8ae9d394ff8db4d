using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary>Which side encrypts when, and by which identity.</summary>
public sealed class SecurityTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public SecurityTests() => _cli.Variables["LOCKSTEP_TOKEN"] = CommandLineFixture.Token;

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("127.0.0.1:4770", "", false)]
    [InlineData("[::1]:4770", "", false)]
    [InlineData("localhost:4770", "", false)]
    [InlineData("127.0.0.1:4770", "--tls", true)]
    [InlineData("192.0.2.7:4770", "", true)]
    [InlineData("node1:4770", "", true)]
    [InlineData("node1:4770", "--tls", true)]
    [InlineData("node1:4770", "--allow-plaintext", false)]
    [InlineData("unix:/tmp/data.sock", "", false)]
    [InlineData("unix:/tmp/data.sock", "--tls", true)]
    public async Task Both_sides_encrypt_beyond_loopback_and_where_they_are_told_to(string endpoint, string option, bool encrypted)
    {
        string[] more = option.Length > 0 ? [option] : [];
        Assert.Equal(0, await _cli.RunAsync(["coordinator", _cli.JobFile, "--listen", endpoint, .. more]));
        Assert.Equal(0, await _cli.RunAsync(["worker", "--join", endpoint, .. more]));
        Assert.Equal(encrypted, _cli.Host.Coordinator!.Identity is not null);
        Assert.Equal(encrypted, _cli.Host.Worker!.Identity is not null);
        if (encrypted)
            Assert.True(_cli.Host.Worker.Identity!.Trusts(_cli.Host.Coordinator.Identity!.Certificate, null));
    }

    [Fact]
    public async Task An_organisation_s_certificate_takes_the_place_of_the_token_s()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=node1", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        string open = _cli.Write("node.pem", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        string alone = _cli.Write("alone.pem", certificate.ExportCertificatePem());
        string locked = _cli.Write("node.key", key.ExportEncryptedPkcs8PrivateKeyPem("a passphrase", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        string pack = Path.Combine(_cli.Folder, "node.pfx");
        File.WriteAllBytes(pack, certificate.Export(X509ContentType.Pkcs12, "a passphrase"));
        string phrase = _cli.Write("phrase", "a passphrase\n");

        foreach (string[] options in (string[][])
            [["--certificate", open], ["--certificate", alone, "--certificate-key", locked, "--certificate-passphrase-file", phrase], ["--certificate", pack, "--certificate-passphrase-file", phrase]])
        {
            Assert.True(await _cli.RunAsync(["worker", "--join", "127.0.0.1:4770", .. options]) == 0, _cli.Error);
            Assert.Equal("CN=node1", _cli.Host.Worker!.Identity!.Certificate.Subject);
        }

        _cli.Variables["LOCKSTEP_CERTIFICATE_PASSPHRASE"] = "a passphrase";
        Assert.Equal(0, await _cli.RunAsync("worker", "--join", "node1:4770", "--certificate", pack, "--certificate-authority", alone));
        Assert.True(_cli.Host.Worker!.Identity!.Trusts(certificate, null));

        _cli.Variables["LOCKSTEP_CERTIFICATE_PASSPHRASE"] = "not the one";
        foreach ((string[] options, string words) in ((string[], string)[])
            [(["--certificate", pack], "--certificate"), (["--certificate", alone], "--certificate"), (["--certificate", _cli.JobFile], "cannot be used"), (["--certificate", open, "--certificate-authority", "/no/such/file"], "--certificate-authority")])
        {
            Assert.Equal(2, await _cli.RunAsync(["worker", "--join", "node1:4770", .. options]));
            Assert.Contains(words, _cli.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("not the one", _cli.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", _cli.Error, StringComparison.Ordinal);
        }
    }
}
