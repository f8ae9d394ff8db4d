using CsCheck;

namespace Lockstep.Engine.Tests.Serialization;

/// <summary>Ways in which a file goes bad: bytes changed, cut off, added, moved.</summary>
public static class Mutation
{
    private static readonly Gen<(int Kind, int At, int Length, byte Value)> Steps =
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 1 << 20], Gen.Int[1, 16], Gen.Byte);

    /// <summary>One to four random changes of a sound file.</summary>
    public static Gen<byte[]> Of(byte[] sound) => Steps.Array[1, 4].Select(steps =>
    {
        var bytes = new List<byte>(sound);
        foreach (var (kind, place, length, value) in steps)
        {
            int at = bytes.Count == 0 ? 0 : place % bytes.Count;
            int run = Math.Min(length, bytes.Count - at);
            switch (kind)
            {
                case 0 when run > 0:
                    bytes[at] = value;
                    break;
                case 1 when run > 0:
                    bytes[at] ^= (byte)(1 << (value & 7));
                    break;
                case 2:
                    bytes.RemoveRange(at, run);
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Repeat(value, length));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }
        return bytes.ToArray();
    });
}
