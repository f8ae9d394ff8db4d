using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Lockstep.Engine.Randomness;

namespace Lockstep.Fuzz;

/// <summary>
/// Makes input number n of a target: one of its seeds, changed in some places. The same number always gives the same bytes, so a
/// number is all that must be kept of a failing one.
/// </summary>
internal sealed class Mutator(FuzzTarget target, ulong seed)
{
    private static readonly ulong[] Edges =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1023, 1024, 4096, 32_767, 32_768, 65_535, 65_536, 1 << 20, int.MaxValue, 0x80000000, uint.MaxValue,
        (ulong)uint.MaxValue + 1, long.MaxValue, 0x8000000000000000, ulong.MaxValue, ulong.MaxValue - 1, ulong.MaxValue - 7,
    ];

    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "2", "255", "256", "65536", "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e308", "1e999", "-0",
        "0.1", "NaN", "Infinity", "1e-400", "00", "99999999999999999999999999999999",
    ];

    private readonly CounterRandom _random = new(seed, RandomPurpose.MadeData, Checks.Of(target.Name));
    private ulong _number;
    private uint _drawn;

    /// <summary>Input number n.</summary>
    public byte[] Make(long number)
    {
        (_number, _drawn) = ((ulong)number, 0);
        var bytes = new List<byte>(target.Seeds[Below(target.Seeds.Length)]);
        // Mostly few changes: many at once are all refused at the first of them.
        for (int left = 1 + (Below(2) == 0 ? 0 : Below(8)); left > 0; left--)
            Change(bytes);
        if (bytes.Count > target.MostBytes)
            bytes.RemoveRange(target.MostBytes, bytes.Count - target.MostBytes);
        byte[] made = [.. bytes];
        if (target.Repair is { } repair && Below(8) != 0)
            repair(made);
        return made;
    }

    private int Below(int bound) => (int)(_random.Bits(_number, 0, _drawn++) % (uint)Math.Max(bound, 1));

    private void Change(List<byte> bytes)
    {
        int at = Below(bytes.Count + 1);
        switch (Below(13))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << Below(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)Below(256);
                break;
            case 2 or 3:
                PutNumber(bytes, at);
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                bytes.RemoveRange(at, Below(Math.Min(bytes.Count - at, 64) + 1));
                break;
            case 6:
                for (int count = Below(32); count > 0; count--)
                    bytes.Insert(at, (byte)Below(256));
                break;
            case 7:
                bytes.InsertRange(at, bytes.GetRange(Below(at), 0 is var start ? Math.Min(bytes.Count - at, Below(128)) + start : 0));
                break;
            case 8:
                Splice(bytes, at);
                break;
            case 9 when target.Words.Length > 0:
                Put(bytes, at, target.Words[Below(target.Words.Length)]);
                break;
            case 10:
                PutText(bytes, at);
                break;
            case 11 when at < bytes.Count:
                bytes[at] = (byte)(bytes[at] + Below(9) - 4);
                break;
            default:
                // The same byte over and over: what nests or repeats.
                byte again = at < bytes.Count ? bytes[at] : (byte)Below(256);
                bytes.InsertRange(at, Enumerable.Repeat(again, Below(8) == 0 ? Below(4096) : Below(40)));
                break;
        }
    }

    // A length or an offset, in the widths and byte orders that formats have.
    private void PutNumber(List<byte> bytes, int at)
    {
        ulong number = Below(3) switch
        {
            0 => Edges[Below(Edges.Length)],
            1 => (ulong)(bytes.Count + Below(17) - 8),
            _ => (ulong)Below(int.MaxValue),
        };
        Span<byte> eight = stackalloc byte[8];
        int width = 1 << Below(4);
        BinaryPrimitives.WriteUInt64LittleEndian(eight, number);
        Span<byte> some = eight[..width];
        if (Below(2) == 0)
            some.Reverse();
        for (int i = 0; i < width && at + i < bytes.Count; i++)
            bytes[at + i] = some[i];
    }

    private void Splice(List<byte> bytes, int at)
    {
        byte[] other = target.Seeds[Below(target.Seeds.Length)];
        int from = Below(other.Length + 1);
        bytes.RemoveRange(at, bytes.Count - at);
        bytes.AddRange(other.AsSpan(from));
    }

    private void Put(List<byte> bytes, int at, byte[] word)
    {
        if (Below(2) == 0)
            bytes.RemoveRange(at, Math.Min(word.Length, bytes.Count - at));
        bytes.InsertRange(at, word);
    }

    // Another number where one is written in digits.
    private void PutText(List<byte> bytes, int at)
    {
        int begin = bytes.FindIndex(at, static b => b is >= (byte)'0' and <= (byte)'9');
        if (begin < 0)
            return;
        int end = begin;
        while (end < bytes.Count && bytes[end] is >= (byte)'0' and <= (byte)'9')
            end++;
        string text = Below(2) == 0 ? Numbers[Below(Numbers.Length)] : Edges[Below(Edges.Length)].ToString(CultureInfo.InvariantCulture);
        bytes.RemoveRange(begin, end - begin);
        bytes.InsertRange(begin, Encoding.ASCII.GetBytes(text));
    }
}
