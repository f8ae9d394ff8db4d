using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Lockstep.Protocol.Identities;

/// <summary>Which run a message belongs to. Drawn once when a run is begun, kept when it is resumed.</summary>
public readonly record struct RunId(ulong Value)
{
    public static RunId New() => new(BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))));

    /// <exception cref="FormatException">The text is not 16 hexadecimal digits.</exception>
    public static RunId Parse(string text) =>
        text.Length == 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            ? new RunId(value)
            : throw new FormatException($"'{text}' is not a run id: 16 hexadecimal digits are.");

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
