using System.Runtime.CompilerServices;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// A copy of some channels of an image, [channels, vertical residues, horizontal residues, rows, columns], that a window reads without
/// asking where the image ends; or the image itself where it needs neither padding nor reordering.
/// </summary>
internal sealed unsafe class PaddedImage
{
    private readonly ImageLayout _source;
    private readonly PaddedAxis _vertical;
    private readonly PaddedAxis _horizontal;
    private readonly int _residuePlane;

    public PaddedImage(ImageLayout source, PaddedAxis vertical, PaddedAxis horizontal)
    {
        _source = source;
        _vertical = vertical;
        _horizontal = horizontal;
        IsCopy = !(vertical.IsSource && horizontal.IsSource && source.ColumnStride == 1);
        Pitch = IsCopy ? horizontal.Places : source.RowStride;
        _residuePlane = checked(vertical.Places * horizontal.Places);
        ChannelStride = IsCopy ? checked(_residuePlane * vertical.Residues.Length * horizontal.Residues.Length) : source.ChannelStride;
    }

    /// <summary>Whether <see cref="Copy"/> must make one.</summary>
    public bool IsCopy { get; }

    /// <summary>From one row to the next.</summary>
    public int Pitch { get; }

    /// <summary>From one channel to the next.</summary>
    public int ChannelStride { get; }

    /// <summary>Where a place lies.</summary>
    public int Offset(int channel, (int Residue, int Place) row, (int Residue, int Place) column) => checked(
        (channel * ChannelStride) + (((row.Residue * _horizontal.Residues.Length) + column.Residue) * _residuePlane) + (row.Place * Pitch) + column.Place);

    /// <summary>Copies <paramref name="channels"/> channels from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Copy(float* sample, int first, int channels, float* destination)
    {
        for (int channel = first; channel < first + channels; channel++)
        {
            float* plane = sample + ((nint)channel * _source.ChannelStride);
            foreach (int vertical in _vertical.Residues)
            {
                foreach (int horizontal in _horizontal.Residues)
                {
                    for (int row = 0; row < _vertical.Places; row++, destination += _horizontal.Places)
                    {
                        int y = (row * _vertical.Stride) + vertical - _vertical.Padding;
                        if (y < 0 || y >= _source.Height)
                            new Span<float>(destination, _horizontal.Places).Clear();
                        else
                            CopyRow(plane + ((nint)y * _source.RowStride), horizontal - _horizontal.Padding, destination);
                    }
                }
            }
        }
    }

    private void CopyRow(float* row, int x, float* destination)
    {
        int places = _horizontal.Places, stride = _horizontal.Stride;
        // The places whose source exists are those from the first with x ≥ 0 up to the first with x ≥ width.
        int start = Math.Min(places, x >= 0 ? 0 : (-x + stride - 1) / stride);
        int end = Math.Clamp((_source.Width - x + stride - 1) / stride, start, places);
        new Span<float>(destination, start).Clear();
        new Span<float>(destination + end, places - end).Clear();
        nint step = (nint)stride * _source.ColumnStride;
        float* from = row + (((nint)x + ((nint)start * stride)) * _source.ColumnStride);
        if (step == 1)
        {
            new ReadOnlySpan<float>(from, end - start).CopyTo(new Span<float>(destination + start, end - start));
            return;
        }
        for (int place = start; place < end; place++, from += step)
            destination[place] = *from;
    }
}
