using System.Numerics;
using System.Security.Cryptography;
using Lockstep.Transport.Joining;

namespace Lockstep.Transport.Security;

/// <summary>
/// The key pair on P-256 that all who hold a join token have in common: the private scalar is
/// <c>d = 1 + HKDF-SHA256(token, info, 48 bytes) mod (n − 1)</c>, so it lies in [1, n − 1] (FIPS 186-5, A.2.1: 128 bits more than the
/// order has make the reduction's bias less than 2⁻¹²⁸). HKDF is RFC 5869; its label keeps the key apart from whatever else a
/// token is used for.
/// </summary>
internal static class TokenKey
{
    private const int WideBytes = 48;
    private const int ScalarBytes = 32;

    /// <summary>Order of the base point of P-256 (FIPS 186-5, SP 800-186, 3.2.1.3).</summary>
    private static readonly BigInteger Order = new(
        Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), isUnsigned: true, isBigEndian: true);

    private static ReadOnlySpan<byte> Label => "lockstep transport identity, P-256, 1"u8;

    /// <summary>The key of a token, the same in every process.</summary>
    public static ECDsa Derive(JoinToken token)
    {
        byte[] scalar = Scalar(token);
        try
        {
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    /// <summary>The private scalar, 32 bytes, the highest first.</summary>
    internal static byte[] Scalar(JoinToken token)
    {
        Span<byte> wide = stackalloc byte[WideBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, token.Key, wide, salt: default, Label);
        byte[] scalar = Reduce(wide);
        CryptographicOperations.ZeroMemory(wide);
        return scalar;
    }

    /// <summary>A number of 48 bytes as a scalar in [1, n − 1].</summary>
    internal static byte[] Reduce(ReadOnlySpan<byte> wide)
    {
        BigInteger number = BigInteger.One + (new BigInteger(wide, isUnsigned: true, isBigEndian: true) % (Order - BigInteger.One));
        byte[] scalar = new byte[ScalarBytes];
        number.TryWriteBytes(scalar.AsSpan(ScalarBytes - number.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        return scalar;
    }
}
