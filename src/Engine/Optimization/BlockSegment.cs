using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Optimization;

/// <summary>The part of one parameter that lies in one block.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Start">First number, counted from the block's.</param>
/// <param name="Length">Numbers of the parameter.</param>
/// <param name="Padded">Numbers with the padding after them: whole cache lines, none of which another parameter has a part in.</param>
internal readonly record struct BlockSegment(ParameterView Parameter, int Start, int Length, int Padded)
{
    /// <summary>The same in pieces of at most <paramref name="most"/> numbers, whole cache lines each.</summary>
    public IEnumerable<BlockSegment> Cut(int most)
    {
        for (int at = 0; at < Padded; at += most)
            yield return new BlockSegment(Parameter, Start + at, Math.Clamp(Length - at, 0, most), Math.Min(most, Padded - at));
    }

    /// <summary>What is left behind its first <paramref name="count"/> numbers, whole cache lines.</summary>
    public BlockSegment Behind(int count) => new(Parameter, Start + count, Length - count, Padded - count);

    /// <summary>The segments of every block of a layout.</summary>
    public static BlockSegment[][] CutAll(ParameterLayout layout)
    {
        var segments = new List<BlockSegment>[layout.Blocks.Count];
        for (int i = 0; i < segments.Length; i++)
            segments[i] = [];
        int block = 0;
        foreach (ParameterView parameter in layout.Parameters)
        {
            long end = parameter.Offset + parameter.Length;
            for (long at = parameter.Offset; at < end;)
            {
                while (at >= layout.Blocks[block].Offset + layout.Blocks[block].Length)
                    block++;
                ParameterBlock holder = layout.Blocks[block];
                int length = (int)(Math.Min(end, holder.Offset + holder.Length) - at);
                int padded = (length + ParameterLayout.Alignment - 1) / ParameterLayout.Alignment * ParameterLayout.Alignment;
                segments[block].Add(new BlockSegment(parameter, (int)(at - holder.Offset), length, padded));
                at += length;
            }
        }
        return [.. segments.Select(list => list.ToArray())];
    }
}
