using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lockstep.Cli.Exits;
using Lockstep.Transport.Security;

namespace Lockstep.Cli.Runs;

/// <summary>An organisation's own certificate, in files. A passphrase comes of a file or a variable, never of the command line.</summary>
/// <param name="Certificate">PEM, the machine's own first and then its chain; or PKCS #12.</param>
/// <param name="Key">PEM; null where it is in the certificate's file.</param>
/// <param name="PassphraseFile">Holds the key's passphrase; null for the variable, which need not be set.</param>
/// <param name="Authority">PEM or DER, of those whose certificates are believed; null to believe this one's key alone.</param>
/// <param name="Environment">Reads a variable.</param>
public sealed record CertificateFiles(string Certificate, string? Key, string? PassphraseFile, string? Authority, Func<string, string?> Environment)
{
    /// <summary>The variable that holds the key's passphrase.</summary>
    public const string PassphraseVariable = "LOCKSTEP_CERTIFICATE_PASSPHRASE";

    /// <summary>Reads them.</summary>
    /// <exception cref="InputException">One cannot be read, or they do not belong together. The message repeats nothing of them.</exception>
    public PlaneIdentity Load()
    {
        // A blank variable is none.
        string? passphrase = PassphraseFile is null
            ? Environment(PassphraseVariable) is { Length: > 0 } given ? given : null
            : Read("--certificate-passphrase-file", PassphraseFile, File.ReadAllText).TrimEnd('\r', '\n');
        X509Certificate2Collection certificates = Read("--certificate", Certificate, _ => IsPem(Certificate) ? OfPem(passphrase) : OfPkcs12(passphrase));
        X509Certificate2Collection? authorities = Authority is null ? null : Read("--certificate-authority", Authority, AuthoritiesOf);
        if (!certificates[0].HasPrivateKey)
            throw new InputException($"--certificate {Certificate}: there is no private key with it. Give the key's file: --certificate-key FILE");
        return PlaneIdentity.OfCertificates(certificates, authorities);
    }

    private static bool IsPem(string file) => File.ReadAllText(file).Contains("-----BEGIN ", StringComparison.Ordinal);

    private static X509Certificate2Collection AuthoritiesOf(string file)
    {
        if (!IsPem(file))
            return [X509CertificateLoader.LoadCertificateFromFile(file)];
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(file);
        return all.Count > 0 ? all : throw new CryptographicException("There is no certificate in it.");
    }

    private static T Read<T>(string option, string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{option} {file}: {e.Message} Check the path and its permissions.", e);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InputException($"{option} {file}: it cannot be used ({e.Message.TrimEnd('.')}). Check the file, and the passphrase where the key has one.", e);
        }
    }

    private X509Certificate2Collection OfPem(string? passphrase)
    {
        // The passphrase may be meant for another file; a key that is not locked needs none.
        bool isLocked = File.ReadAllText(Key ?? Certificate).Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
        X509Certificate2 own = passphrase is null || !isLocked
            ? X509Certificate2.CreateFromPemFile(Certificate, Key)
            : X509Certificate2.CreateFromEncryptedPemFile(Certificate, passphrase, Key);
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(Certificate);
        return [own, .. all.Where(other => !other.RawData.AsSpan().SequenceEqual(own.RawData))];
    }

    private X509Certificate2Collection OfPkcs12(string? passphrase)
    {
        X509Certificate2Collection all = X509CertificateLoader.LoadPkcs12CollectionFromFile(Certificate, passphrase, X509KeyStorageFlags.DefaultKeySet);
        X509Certificate2 own = all.FirstOrDefault(one => one.HasPrivateKey) ?? throw new CryptographicException("There is no private key in it.");
        return [own, .. all.Where(other => other != own)];
    }
}
