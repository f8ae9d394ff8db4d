using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Models;

/// <summary>The places of a flat gradient that no layer writes, padding and frozen parameters: they are +0.</summary>
internal sealed unsafe class GradientGaps
{
    private readonly List<(long Offset, long Length)> _gaps = [];

    public GradientGaps(ParameterLayout layout)
    {
        for (int i = 0; i < layout.Parameters.Count; i++)
        {
            ParameterView parameter = layout.Parameters[i];
            long end = i + 1 < layout.Parameters.Count ? layout.Parameters[i + 1].Offset : layout.Length;
            long start = parameter.Frozen ? parameter.Offset : parameter.Offset + parameter.Length;
            if (start < end)
                _gaps.Add((start, end - start));
        }
    }

    public void Clear(float* gradient)
    {
        foreach ((long offset, long length) in _gaps)
        {
            for (long i = 0; i < length; i++)
                gradient[offset + i] = 0;
        }
    }
}
