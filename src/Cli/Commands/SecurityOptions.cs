using System.CommandLine;
using Lockstep.Cli.Runs;

namespace Lockstep.Cli.Commands;

/// <summary>The options that say how the two planes are protected; coordinator and worker have the same.</summary>
internal sealed class SecurityOptions
{
    private readonly Option<bool> _tls = new("--tls")
    {
        Description = "Encrypt on loopback and Unix domain sockets too. Beyond loopback that is the default.",
    };

    private readonly Option<bool> _plaintext = new("--allow-plaintext")
    {
        Description = "Give encryption up beyond loopback: parameters and gradients can be read, and changed, on the way. Both sides must say so.",
    };

    private readonly Option<string> _certificate = new("--certificate")
    {
        Description = "This machine's own certificate in place of the one made of the join token: a .pem file with its chain, or a .pfx file.",
        HelpName = "FILE",
    };

    private readonly Option<string> _key = new("--certificate-key")
    {
        Description = "The certificate's private key, where it is in a .pem file of its own.",
        HelpName = "FILE",
    };

    private readonly Option<string> _passphrase = new("--certificate-passphrase-file")
    {
        Description = $"Read the key's passphrase from this file instead of from the variable {CertificateFiles.PassphraseVariable}.",
        HelpName = "FILE",
    };

    private readonly Option<string> _authority = new("--certificate-authority")
    {
        Description = "Believe the certificates that these authorities have issued. By default: only one with the same key as --certificate.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_tls, _plaintext, _certificate, _key, _passphrase, _authority])
            command.Add(option);
    }

    public SecurityRequest Request(ParseResult parsed, Func<string, string?> environment) => new(
        parsed.GetValue(_tls),
        parsed.GetValue(_plaintext),
        parsed.GetValue(_certificate) is { } certificate
            ? new CertificateFiles(certificate, parsed.GetValue(_key), parsed.GetValue(_passphrase), parsed.GetValue(_authority), environment)
            : Orphan(parsed));

    private CertificateFiles? Orphan(ParseResult parsed)
    {
        foreach (Option<string> option in (Option<string>[])[_key, _passphrase, _authority])
        {
            if (parsed.GetValue(option) is not null)
                throw new Exits.InputException($"{option.Name} belongs to --certificate, which is missing.");
        }
        return null;
    }
}
