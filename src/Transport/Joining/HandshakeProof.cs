using System.Security.Cryptography;

namespace Lockstep.Transport.Joining;

/// <summary>
/// HMAC-SHA256 under the token over the role, both nonces and the hash of all that was said before (challenge and
/// response as in RFC 2104 keyed hashing). The role keeps one side's proof from serving as the other's; the nonces keep
/// an old one from being played again; the hashes keep hello, versions and welcome from being changed on the way. Under TLS
/// the binding names both ends' certificates, so nobody between them can pass a proof on.
/// </summary>
internal static class HandshakeProof
{
    public const int Length = 32;

    public const int NonceLength = 32;

    private static ReadOnlySpan<byte> ClientRole => "lockstep data plane 1, client\0"u8;

    private static ReadOnlySpan<byte> ServerRole => "lockstep data plane 1, server\0"u8;

    /// <summary>The client's: it knows the token and said this hello.</summary>
    public static byte[] OfClient(JoinToken token, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> binding = default) =>
        Compute(token, ClientRole, hello, challenge, [], binding);

    /// <summary>The server's: it knows the token, heard this hello and says this verdict.</summary>
    public static byte[] OfServer(
        JoinToken token, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> verdict, ReadOnlySpan<byte> binding = default) =>
        Compute(token, ServerRole, hello, challenge, verdict, binding);

    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        CryptographicOperations.FixedTimeEquals(left, right);

    /// <summary>The nonces are inside hello and challenge, so hashing these whole covers nonces and versions alike.</summary>
    private static byte[] Compute(
        JoinToken token, ReadOnlySpan<byte> role, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> verdict,
        ReadOnlySpan<byte> binding)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, token.Key);
        mac.AppendData(role);
        // Fixed-length hashes instead of the messages: no two different conversations give the same bytes.
        mac.AppendData(SHA256.HashData(hello));
        mac.AppendData(SHA256.HashData(challenge));
        mac.AppendData(SHA256.HashData(verdict));
        mac.AppendData(binding);
        return mac.GetHashAndReset();
    }
}
